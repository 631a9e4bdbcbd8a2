/** Name of a check of the verifier: what a `VerificationError` says has failed. */
export type Check =
  | 'balance/denominator'
  | 'balance/sum'
  | 'decode/format'
  | 'decode/truncated'
  | 'decode/trailing'
  | 'decode/non-canonical'
  | 'decode/limit'
  | 'field/division-by-zero'
  | 'logup/denominator'
  | 'logup/layer'
  | 'logup/layers'
  | 'merkle/leaf'
  | 'merkle/indices'
  | 'merkle/proof-length'
  | 'merkle/root'
  | 'opening/final'
  | 'opening/shape'
  | 'program/values'
  | 'reduction/shape'
  | 'reduction/value'
  | 'security/bits'
  | 'shape/bus'
  | 'shape/cells'
  | 'shape/chip'
  | 'shape/heap'
  | 'shape/height'
  | 'shape/instances'
  | 'shape/order'
  | 'shape/presence'
  | 'shape/program'
  | 'statement/cycles'
  | 'statement/exit-code'
  | 'statement/machine'
  | 'statement/mode'
  | 'statement/parameters'
  | 'statement/pc'
  | 'statement/program'
  | 'statement/public-input'
  | 'statement/segments'
  | 'sumcheck/length'
  | 'transcript/nonce'
  | 'transcript/proof-of-work'
  | 'zerocheck/leaves'
  | 'zerocheck/shape'
  | 'zerocheck/values';

/** Values that explain a failed check: expected, found, where. */
export type Details = Readonly<Record<string, string | number | bigint>>;

/**
 * The receipt is not to be believed: a named check failed. Nothing that a receipt contains makes
 * the verifier throw anything else.
 */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';
  /** The check that failed. */
  readonly check: Check;
  /** What is wrong, in a sentence without the check and the values, which `message` has too. */
  readonly reason: string;
  /** The values at fault. */
  readonly details: Details;
  /** Where the checks are explained. */
  readonly docs: string = 'verifier/README.md#checks';

  constructor(check: Check, reason: string, details: Details = {}) {
    const shown = Object.entries(details).map(([name, value]) => `${name} = ${value}`);
    super(`${check}: ${reason}${shown.length > 0 ? ` (${shown.join(', ')})` : ''}`);
    this.check = check;
    this.reason = reason;
    this.details = details;
  }
}
