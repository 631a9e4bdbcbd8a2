/** The page that looks into a receipt and verifies it, from a file or from the service. */
import { inspectReceipt, VerificationError, verify } from '@vouch/verifier';
import { element } from '../../../verifier/demo/dom.ts';
import { FieldError, formValues } from '../../../verifier/demo/form.ts';
import { hexadecimal, invalidCard, problemCard, validCard } from '../../../verifier/demo/result.ts';
import { onFile } from './dropped-file.ts';
import { byteSize, count } from './format.ts';
import { inspection } from './inspection.ts';
import { attempt, beginPage, client } from './session.ts';

/** Largest file that is read: a journal of 16 MiB and proofs. */
const MAX_RECEIPT_BYTES = 2 ** 28;

let receipt: Uint8Array | undefined;

const button = element<HTMLButtonElement>('verify');
const result = element('result');

beginPage('receipt');
onFile(async (file) => {
  if (file.size > MAX_RECEIPT_BYTES) {
    result.replaceChildren(problemCard('Not read', 'The file is too large for a receipt.'));
    return;
  }
  take(file.name, new Uint8Array(await file.arrayBuffer()));
});
element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void check();
});
element('form').addEventListener('input', () => result.replaceChildren());
const wanted = new URLSearchParams(location.search).get('sha256');
if (wanted !== null) {
  void attempt(async () => {
    take(`Receipt ${wanted.slice(0, 16)}…`, await client().receipt(wanted));
  });
}

/** Shows what a receipt claims: the id to trust comes from elsewhere. */
function take(name: string, bytes: Uint8Array): void {
  result.replaceChildren();
  element('inspection').replaceChildren();
  receipt = undefined;
  button.disabled = true;
  element('drop-title').textContent = name;
  element('drop-text').textContent = byteSize(bytes.length);
  element('drop').classList.remove('full');
  try {
    const found = inspectReceipt(bytes);
    const cycles = found.segments.reduce((sum, segment) => sum + segment.cycles, 0);
    element('drop-text').textContent = `${byteSize(bytes.length)}, claims ${count(cycles)} cycles`;
    const kind = found.claim.program.mode === 'id' ? 'the program' : 'the ELF file with digest';
    element('program-hint').textContent =
      `The receipt claims to be of ${kind} ${hexadecimal(found.programId)}. ` +
      'Enter the id that you trust, from whoever vouches for the program.';
    element('inspection').replaceChildren(...inspection(found));
    receipt = bytes;
    button.disabled = false;
    element('drop').classList.add('full');
  } catch (error) {
    result.replaceChildren(invalidCard(error));
  }
}

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
    if (error instanceof FieldError) element(error.field).focus();
    const isKnown = error instanceof VerificationError;
    const text = error instanceof Error ? error.message : String(error);
    result.replaceChildren(isKnown ? invalidCard(error) : problemCard('Not checked', text));
  }
  button.textContent = 'Verify';
  button.disabled = false;
}
