/** What goes between a page and its worker. */
import type { InspectedReceipt, VerificationError, VerifiedRun } from '@vouch/verifier';
import type { FormValues } from './form.ts';

export type WorkerRequest = { readonly number: number; readonly receipt: Uint8Array } & (
  | { readonly kind: 'inspect' }
  | { readonly kind: 'verify'; readonly expected: FormValues }
);

export type WorkerReply = { readonly number: number } & (
  | { readonly kind: 'inspected'; readonly found: InspectedReceipt }
  | { readonly kind: 'segment'; readonly segment: number; readonly segments: number }
  | { readonly kind: 'verified'; readonly run: VerifiedRun }
  | { readonly kind: 'invalid'; readonly failure: Failure }
  | { readonly kind: 'failed'; readonly message: string }
);

/** A VerificationError, which would lose its class on the way. */
export type Failure = Pick<VerificationError, 'check' | 'reason' | 'details'>;
