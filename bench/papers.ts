/** What the papers of the suite report for its programs: `data/papers.json`. */
import { readFile } from 'node:fs/promises';

/** One program in one paper; absent fields are not in the paper. */
export interface PaperRow {
  readonly guest: string;
  readonly system: string;
  readonly source: string;
  readonly native_us?: number;
  readonly constraints?: number;
  readonly setup_s?: number;
  readonly prove_s: number;
  /** For one instance. */
  readonly verify_us?: number;
}

/** One system in the survey's comparison, as text: some values are read off charts. */
export interface SurveyRow {
  readonly system: string;
  readonly verify_ms: string;
  readonly setup: string;
  readonly break_even: string;
  /** Prover over native C. */
  readonly overhead: string;
}

export interface Papers {
  /** By source. */
  readonly hardware: Readonly<Record<string, string>>;
  readonly rows: readonly PaperRow[];
  readonly survey: {
    readonly source: string;
    readonly charts: string;
    readonly rows: readonly SurveyRow[];
  };
}

export async function readPapers(): Promise<Papers> {
  const file = new URL('../../bench/data/papers.json', import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')) as Papers;
}
