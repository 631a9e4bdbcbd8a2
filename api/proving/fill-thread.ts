/** A thread that fills the tables of the next segment while the one before is being proved. */
import { type Chip, riscvMachine } from '@vouch/verifier';
import type { FilledSegment } from '../../prover/index.ts';
import type { FillRequest, NumberedSegment } from './fill-worker.ts';
import { packRun } from './packed-run.ts';
import type { PlannedRun } from './planned-run.ts';
import { ThreadLink } from './thread-link.ts';

/** The thread starts with the first pass. A later one finds its code compiled. */
export class FillThread {
  #link: ThreadLink<FillRequest, NumberedSegment | undefined> | undefined;
  /** The run that the thread has. */
  #run: PlannedRun | undefined;

  /**
   * The tables of these segments, as `PlannedRun.passed`; those of the next one are filled before they
   * are asked for. One pass at a time.
   *
   * @throws as `PlannedRun.passed`; ProverError `pool/worker` if the thread is lost, `pool/closed` if it is
   *   closed meanwhile
   */
  async *passed(
    run: PlannedRun,
    numbers: readonly number[],
    { signal, onWait }: { readonly signal?: AbortSignal | undefined; onWait(number: number): void },
  ): AsyncGenerator<[number, FilledSegment], void, void> {
    const link = await this.#begin(run, numbers, signal);
    try {
      for (const expected of numbers) {
        onWait(expected);
        const [number, filled] = (await link.ask({ kind: 'next' }, { signal })) ?? [];
        if (number !== expected || filled === undefined) {
          throw new Error(`segment ${expected} was to be filled`);
        }
        yield [number, withProgram(run, filled)];
      }
    } finally {
      link.tell({ kind: 'begin', numbers: [] });
    }
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }

  async #begin(
    run: PlannedRun,
    numbers: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<ThreadLink<FillRequest, NumberedSegment | undefined>> {
    if (this.#link === undefined || this.#link.isOver) {
      this.#link = new ThreadLink(new URL('./fill-worker.js', import.meta.url), undefined, {
        name: 'the thread that fills tables',
        remedy: 'start again; if it happens again, give the process more memory',
      });
      this.#run = undefined;
    }
    const link = this.#link;
    const request = {
      kind: 'begin',
      numbers,
      ...(run !== this.#run && { run: packRun(run) }),
    } as const;
    // As long as there is no answer, it is not known which run the thread has.
    this.#run = undefined;
    await link.ask(request, { signal });
    this.#run = run;
    return link;
  }
}

function withProgram(run: PlannedRun, { tables, ...filled }: FilledSegment): FilledSegment {
  const { chips } = riscvMachine().constraints;
  const { preprocessed } = run.program.table;
  const whole = tables.map((table) => {
    const { name } = chips[table.chip] as Chip;
    return { ...table, preprocessed: preprocessed.get(name) ?? [] };
  });
  return { ...filled, tables: whole };
}
