// PROGRAM_ID=87249ddb... node node.js https://proofs.example <sha256 of the receipt>
import { verify } from '@vouch/verifier';
import { fetchReceipt } from './fetch-receipt.js';

const [server, sha256] = process.argv.slice(2);
const receipt = await fetchReceipt(server, sha256);
const publicInput = new TextEncoder().encode('Hi, ');
const { journal } = verify(receipt, { program: process.env.PROGRAM_ID, publicInput });
console.log(new TextDecoder().decode(journal));
