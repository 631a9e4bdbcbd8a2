/** Entry of the thread of a `FillThread`: passes a run and fills tables, one segment ahead. */
import { setImmediate } from 'node:timers/promises';
import type { FilledSegment } from '../../prover/index.ts';
import { type PackedRun, unpackRun } from './packed-run.ts';
import type { PlannedRun } from './planned-run.ts';
import { answerQuestions, type Moving } from './thread-link.ts';

export type FillRequest =
  /**
   * Segments that will be asked for, in ascending order, instead of those before; of the run before if
   * there is none.
   */
  | { readonly kind: 'begin'; readonly run?: PackedRun; readonly numbers: readonly number[] }
  | { readonly kind: 'next' };

/** Without the columns of the program, which the other side has. */
export type NumberedSegment = readonly [number: number, filled: FilledSegment];

class Pass {
  readonly #stop = new AbortController();
  readonly #segments: AsyncGenerator<NumberedSegment, void, void>;
  #ahead: Promise<IteratorResult<NumberedSegment, void>>;

  constructor(run: PlannedRun, numbers: readonly number[]) {
    this.#segments = run.passed(numbers, { signal: this.#stop.signal });
    this.#ahead = this.#fill();
  }

  async next(): Promise<NumberedSegment> {
    const { value } = await this.#ahead;
    if (value === undefined) throw new RangeError('all segments of the pass have been asked for');
    this.#ahead = this.#fill();
    return value;
  }

  stop(): void {
    this.#stop.abort();
    void this.#segments.return();
  }

  /** The next segment. What was asked for before is sent first: filling does not let go of the thread. */
  #fill(): Promise<IteratorResult<NumberedSegment, void>> {
    const result = setImmediate().then(() => this.#segments.next());
    result.catch(() => {
      // It is thrown when the segment is asked for.
    });
    return result;
  }
}

let run: PlannedRun | undefined;
let pass: Pass | undefined;

answerQuestions<FillRequest, NumberedSegment | undefined>(async (request) => {
  if (request.kind === 'next') {
    if (pass === undefined) throw new RangeError('no pass has begun');
    return moving(await pass.next());
  }
  pass?.stop();
  if (request.run !== undefined) run = unpackRun(request.run);
  if (run === undefined) throw new RangeError('the first pass comes with its run');
  pass = new Pass(run, request.numbers);
  return { answer: undefined };
});

/** The columns move to the other thread; nothing is copied. */
function moving([number, filled]: NumberedSegment): Moving<NumberedSegment> {
  const tables = filled.tables.map((table) => ({ ...table, preprocessed: [] }));
  const moved = tables.flatMap(({ main }) => main.map(({ buffer }) => buffer as ArrayBuffer));
  return { answer: [number, { ...filled, tables }], moved };
}
