/** What somebody has filled in. */
import { element } from './dom.ts';

/** What is wrong with a field, for the person who filled it in. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

export interface FormValues {
  readonly program: string;
  readonly publicInput: Uint8Array;
  readonly exitCode: number;
  readonly minSecurityBits: number;
}

/** @throws FieldError */
export function formValues(): FormValues {
  const program = textOf('program').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(program)) {
    throw new FieldError('program', 'A program id has 64 hexadecimal digits.');
  }
  const exitText = textOf('exit-code');
  const exitCode = /^\d{1,10}$/.test(exitText) ? Number(exitText) : -1;
  if (exitCode < 0 || exitCode >= 2 ** 32) {
    throw new FieldError('exit-code', 'An exit code is an integer from 0 to 4294967295.');
  }
  return {
    program,
    publicInput: publicInput(),
    exitCode,
    minSecurityBits: Number(element<HTMLSelectElement>('security').value),
  };
}

function publicInput(): Uint8Array {
  const text = element<HTMLInputElement>('input').value;
  if (element<HTMLSelectElement>('input-kind').value === 'text') {
    return new TextEncoder().encode(text);
  }
  const digits = text.trim().replace(/^0x/i, '');
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    throw new FieldError('input', 'Bytes are written as two digits 0-9, a-f each.');
  }
  const pairs = digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

function textOf(id: string): string {
  return element<HTMLInputElement>(id).value.trim();
}
