/** The page that verifies a receipt and needs nothing but itself. */
import { receiptForm } from './receipt-form.ts';

/** The script of the worker, which the build puts here. */
declare const WORKER_SCRIPT: string;

const script = new Blob([WORKER_SCRIPT], { type: 'text/javascript' });
receiptForm(new Worker(URL.createObjectURL(script)));
