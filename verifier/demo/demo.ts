/** The page that verifies a receipt: demo.html has the form, this file what it does. */
import { inspectReceipt, VerificationError, verify } from '@vouch/verifier';
import { element } from './dom.ts';
import { FieldError, formValues } from './form.ts';
import { COUNT, hexadecimal, invalidCard, kibibytes, problemCard, validCard } from './result.ts';

/** Largest file that is read: a journal of 16 MiB and proofs. */
const MAX_RECEIPT_BYTES = 2 ** 28;

let receipt: Uint8Array | undefined;

const drop = element<HTMLLabelElement>('drop');
const file = element<HTMLInputElement>('file');
const button = element<HTMLButtonElement>('verify');
const result = element<HTMLDivElement>('result');

file.addEventListener('change', () => void take(file.files?.[0]));
for (const [event, over] of [
  ['dragover', true],
  ['dragleave', false],
  ['drop', false],
] as const) {
  document.addEventListener(event, (dragged) => {
    dragged.preventDefault();
    drop.classList.toggle('over', over);
    if (event === 'drop') void take(dragged.dataTransfer?.files[0]);
  });
}
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void check();
});
element('form').addEventListener('input', () => result.replaceChildren());

/** Reads a receipt, and tells which program it names: the id to trust comes from elsewhere. */
async function take(chosen: File | undefined): Promise<void> {
  if (chosen === undefined) return;
  result.replaceChildren();
  receipt = undefined;
  button.disabled = true;
  element('drop-title').textContent = chosen.name;
  element('drop-text').textContent = kibibytes(chosen.size);
  drop.classList.remove('full');
  try {
    if (chosen.size > MAX_RECEIPT_BYTES) throw new Error('The file is too large for a receipt.');
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    const { claim, programId, segments } = inspectReceipt(bytes);
    const cycles = segments.reduce((sum, segment) => sum + segment.cycles, 0);
    element('drop-text').textContent =
      `${kibibytes(bytes.length)}, claims ${COUNT.format(cycles)} cycles`;
    const kind = claim.program.mode === 'id' ? 'the program' : 'the ELF file with digest';
    element('program-hint').textContent =
      `The receipt claims to be of ${kind} ${hexadecimal(programId)}. ` +
      'Enter the id that you trust, from whoever vouches for the program.';
    receipt = bytes;
    button.disabled = false;
    drop.classList.add('full');
  } catch (error) {
    result.replaceChildren(invalidCard(error));
  }
}

/** Verifies what is there. */
async function check(): Promise<void> {
  if (receipt === undefined) return;
  button.textContent = 'Verifying...';
  button.disabled = true;
  // The button is drawn before the work begins, which takes about a tenth of a second.
  await new Promise((resolve) => setTimeout(resolve, 30));
  try {
    const values = formValues();
    const start = performance.now();
    const run = verify(receipt, values);
    result.replaceChildren(validCard(run, receipt, performance.now() - start));
  } catch (error) {
    result.replaceChildren(errorCard(error));
  }
  button.textContent = 'Verify';
  button.disabled = false;
}

function errorCard(error: unknown): HTMLElement {
  if (error instanceof VerificationError) return invalidCard(error);
  if (error instanceof FieldError) {
    element(error.field).focus();
    return problemCard('Not checked', error.message);
  }
  return problemCard('Not checked', `The page has failed: ${String(error)}`);
}
