/** What helps, in the words of the command line. */
import type { VerificationError } from '@vouch/verifier';

/** What somebody who expected a valid receipt may look at. */
export function remedyOf({ check, details }: VerificationError): string {
  const remedy = REMEDIES[check] ?? REMEDIES[check.split('/')[0] as string] ?? FALSE_PROOF;
  return check === 'statement/exit-code'
    ? `if that is what you want to know, give --exit-code ${details.found}`
    : remedy;
}

const FALSE_PROOF = 'the proof is wrong: the receipt was changed or damaged, or was never valid';
const REMEDIES: Readonly<Record<string, string>> = {
  decode: 'the file is damaged, or is no receipt of this version of vouch',
  shape: 'no prover of this version makes such a receipt',
  'security/bits': 'ask for another receipt, or accept fewer bits with --min-security',
  'statement/machine': 'the receipt was made by another version of vouch: prove the run again',
  'statement/mode': 'the receipt is verified with the ELF file, not with an id: --program <elf>',
  'statement/program': 'give the program that was proved, or its id: vouch program-id <elf>',
  'statement/public-input': 'give the public input of the run: --public-input',
};

/** Names the flags of the command line instead of the library's options. */
export function withFlags(text: string): string {
  return text.replace(
    /\b(limits\.\w+|segmentCycles|parallelSegments|threads(?= is ))\b/g,
    (option) => FLAGS[option] ?? option,
  );
}

const FLAGS: Readonly<Record<string, string>> = {
  'limits.cycles': '--max-cycles',
  'limits.memoryBytes': '--max-memory',
  'limits.proverBytes': '--max-prover-memory',
  segmentCycles: '--segment-cycles',
  parallelSegments: '--parallel-segments',
  threads: '--threads',
};
