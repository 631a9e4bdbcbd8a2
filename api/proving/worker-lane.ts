/** A lane in a thread of its own, with threads of its own. */
import type { Lane } from './lane.ts';
import type { LaneAnswer, LaneNote, LaneRequest, LaneStart } from './lane-worker.ts';
import { packRun } from './packed-run.ts';
import type { PlannedRun } from './planned-run.ts';
import type { ProgressLane } from './progress.ts';
import { ThreadLink } from './thread-link.ts';

/** Makes tables from starts. Throws as `PoolLane`, and ProverError `pool/worker` if its thread is lost. */
export class WorkerLane implements Lane<Uint8Array | undefined> {
  readonly #link: ThreadLink<LaneRequest, LaneAnswer, LaneNote>;
  readonly #progress: ProgressLane;
  readonly #signal: AbortSignal | undefined;
  #last: Omit<LaneAnswer, 'message'> = { open: [], peakBytes: 0 };

  constructor(
    run: PlannedRun,
    threads: number,
    progress: ProgressLane,
    signal: AbortSignal | undefined,
  ) {
    const start: LaneStart = { run: packRun(run), threads };
    this.#link = new ThreadLink(new URL('./lane-worker.js', import.meta.url), start, {
      name: 'the thread of a segment',
      remedy:
        'start again; if it happens again, prove fewer segments at a time or give the process more memory',
    });
    this.#progress = progress;
    this.#signal = signal;
  }

  get open(): readonly number[] {
    return this.#last.open;
  }

  get peakBytes(): number {
    return this.#last.peakBytes;
  }

  commit(number: number, start: Uint8Array | undefined): Promise<Uint8Array> {
    return this.#ask({ kind: 'commit', number, start });
  }

  prove(number: number, start: Uint8Array | undefined, challenge: Uint8Array): Promise<Uint8Array> {
    return this.#ask({ kind: 'prove', number, start, challenge });
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #ask(request: LaneRequest): Promise<Uint8Array> {
    const progress = this.#progress;
    progress.enter(request.number);
    try {
      const { message, ...last } = await this.#link.ask(request, {
        signal: this.#signal,
        onNote: ({ stage, done }) => progress.reach(stage, done),
      });
      this.#last = last;
      return message;
    } finally {
      progress.end();
    }
  }
}
