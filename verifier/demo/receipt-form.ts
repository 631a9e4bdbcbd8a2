/** What form.html does, on whatever page it is. */
import { type InspectedReceipt, VerificationError } from '@vouch/verifier';
import { BackgroundVerifier } from './background-verifier.ts';
import { element } from './dom.ts';
import { onFile } from './dropped-file.ts';
import { FieldError, formValues } from './form.ts';
import { COUNT, hexadecimal, invalidCard, kibibytes, problemCard, validCard } from './result.ts';

/** Largest file that is read: a journal of 16 MiB and proofs. */
const MAX_RECEIPT_BYTES = 2 ** 28;

export interface ReceiptForm {
  /** Shows what a receipt claims: the id to trust comes from elsewhere. */
  take(name: string, bytes: Uint8Array): Promise<void>;
}

/**
 * Makes the form work.
 *
 * @param worker has begun with `verify-worker.ts`
 * @param onReceipt gets what is in a receipt; undefined as long as there is none
 */
export function receiptForm(
  worker: Worker,
  onReceipt: (found: InspectedReceipt | undefined) => void = () => {},
): ReceiptForm {
  const verifier = new BackgroundVerifier(worker);
  const button = element<HTMLButtonElement>('verify');
  const result = element('result');
  let current: { readonly bytes: Uint8Array; readonly found: InspectedReceipt } | undefined;
  /** Of what was taken last: answers about anything else come too late. */
  let taken = 0;

  onFile(async (file) => {
    if (file.size <= MAX_RECEIPT_BYTES) {
      await take(file.name, new Uint8Array(await file.arrayBuffer()));
      return;
    }
    clear(file.name, file.size);
    result.replaceChildren(problemCard('Not read', 'The file is too large for a receipt.'));
  });
  element('form').addEventListener('submit', (event) => {
    event.preventDefault();
    void check();
  });
  element('form').addEventListener('input', () => result.replaceChildren());
  return { take };

  function clear(name: string, bytes: number): void {
    taken++;
    current = undefined;
    result.replaceChildren();
    onReceipt(undefined);
    button.disabled = true;
    element('drop-title').textContent = name;
    element('drop-text').textContent = kibibytes(bytes);
    element('drop').classList.remove('full');
  }

  async function take(name: string, bytes: Uint8Array): Promise<void> {
    clear(name, bytes.length);
    const number = taken;
    try {
      const found = await verifier.inspect(bytes);
      if (number !== taken) return;
      const cycles = found.segments.reduce((sum, segment) => sum + segment.cycles, 0);
      element('drop-text').textContent =
        `${kibibytes(bytes.length)}, claims ${COUNT.format(cycles)} cycles`;
      const kind = found.claim.program.mode === 'id' ? 'the program' : 'the ELF file with digest';
      element('program-hint').textContent =
        `The receipt claims to be of ${kind} ${hexadecimal(found.programId)}. ` +
        'Enter the id that you trust, from whoever vouches for the program.';
      onReceipt(found);
      current = { bytes, found };
      button.disabled = false;
      element('drop').classList.add('full');
    } catch (error) {
      if (number === taken) result.replaceChildren(errorCard(error));
    }
  }

  async function check(): Promise<void> {
    if (current === undefined || button.disabled) return;
    const { bytes, found } = current;
    const number = taken;
    button.textContent = 'Verifying...';
    button.disabled = true;
    let card: HTMLElement;
    try {
      const start = performance.now();
      const run = await verifier.verify(bytes, formValues(), (segment, segments) => {
        if (segments > 1) button.textContent = `Verifying segment ${segment} of ${segments}...`;
      });
      card = validCard(run, found, bytes.length, performance.now() - start);
    } catch (error) {
      card = errorCard(error);
    }
    button.textContent = 'Verify';
    if (number !== taken) return;
    button.disabled = false;
    result.replaceChildren(card);
  }
}

function errorCard(error: unknown): HTMLElement {
  if (error instanceof VerificationError) return invalidCard(error);
  if (error instanceof FieldError) {
    element(error.field).focus();
    return problemCard('Not checked', error.message);
  }
  return problemCard('Not checked', `The page has failed: ${String(error)}`);
}
