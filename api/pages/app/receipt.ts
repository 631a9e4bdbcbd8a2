/** The page that looks into a receipt and verifies it, from a file or from the service. */
import { element } from '../../../verifier/demo/dom.ts';
import { receiptForm } from '../../../verifier/demo/receipt-form.ts';
import { inspection } from './inspection.ts';
import { attempt, beginPage, client } from './session.ts';

beginPage('receipt');
const worker = new Worker('/assets/verify-worker.js', { type: 'module' });
const { take } = receiptForm(worker, (found) => {
  element('inspection').replaceChildren(...(found === undefined ? [] : inspection(found)));
});
const wanted = new URLSearchParams(location.search).get('sha256');
if (wanted !== null) {
  void attempt(async () => {
    await take(`Receipt ${wanted.slice(0, 16)}…`, await client().receipt(wanted));
  });
}
