// npx esbuild page.js --bundle --format=esm --define:PROGRAM_ID='"87249ddb..."' --outfile=page.bundle.js
import { verify } from '@vouch/verifier';
import { fetchReceipt } from './fetch-receipt.js';

const query = new URLSearchParams(location.search);
const status = document.getElementById('status');
try {
  const receipt = await fetchReceipt(query.get('server'), query.get('receipt'));
  const publicInput = new TextEncoder().encode('Hi, ');
  const { journal } = verify(receipt, { program: PROGRAM_ID, publicInput });
  const shown = document.getElementById('journal');
  shown.textContent = new TextDecoder().decode(journal);
  shown.hidden = false;
  status.textContent = 'Proved:';
} catch (error) {
  status.textContent = `Not shown: ${error.message}`;
}
