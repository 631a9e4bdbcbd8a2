/**
 * What a task works on: the bytes that the job came with, and those that earlier tasks have made. A step
 * gives the same bytes whenever it is made, so a part that is damaged or gone is made again where it is
 * missed. An attempt of a task makes a part no more than once, and works on what it made, whatever the disk
 * does to it.
 */
import type {
  Calls,
  PlanTask,
  SegmentResult,
  SegmentTask,
  StepTask,
  Timed,
} from './compute/messages.ts';
import type { ComputeThread } from './compute/thread.ts';
import type { ServiceConfig } from './config.ts';
import { StorageError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { ServiceError } from './service.ts';
import type { StoredJob } from './store/job-rows.ts';
import type { PartKind, Parts } from './store/parts.ts';

/** What the inputs of a task are taken from. */
export interface InputSources {
  readonly runtime: Runtime;
  readonly compute: ComputeThread;
  readonly stored: StoredJob;
  readonly parts: Parts;
  /** Of the task: stops what is made again. */
  readonly signal: AbortSignal;
  /** Told what was damaged or gone. */
  readonly onError: (error: unknown) => void;
}

export class TaskInputs {
  readonly #from: InputSources;
  #step: Promise<StepTask> | undefined;

  constructor(from: InputSources) {
    this.#from = from;
  }

  async plan(): Promise<PlanTask> {
    const { runtime, stored } = this.#from;
    const { program, publicInput, privateInput, ...request } = stored.job.request;
    const { security, programMode, segmentCycles, maxCycles } = request;
    return {
      elf: await this.#bytes(await runtime.programs.digest(program)),
      publicInput: await this.#bytes(publicInput),
      privateInput: await this.#bytes(privateInput),
      ...{ security, programMode, limits: limitsOf(runtime.config, maxCycles) },
      ...(segmentCycles !== undefined && { segmentCycles }),
    };
  }

  async commit(segment: number): Promise<Calls['commit']['task']> {
    return await this.#segment(segment);
  }

  async challenge(): Promise<Calls['challenge']['task']> {
    const { compute, signal } = this.#from;
    const headers = await this.#ofSegments('header', async (segment) => {
      return await compute.call('commit', await this.commit(segment), { signal });
    });
    return { ...(await this.#shared()), headers };
  }

  async prove(segment: number): Promise<Calls['prove']['task']> {
    return { ...(await this.#segment(segment)), challenge: await this.#drawn() };
  }

  async finish(): Promise<Calls['finish']['task']> {
    const { compute, signal } = this.#from;
    const challenge = await this.#drawn();
    const proofs = await this.#ofSegments('proof', async (segment) => {
      return await compute.call(
        'prove',
        { ...(await this.#segment(segment)), challenge },
        { signal },
      );
    });
    return { ...(await this.#shared()), challenge, proofs };
  }

  #shared(): Promise<StepTask> {
    this.#step ??= this.#stepTask();
    return this.#step;
  }

  async #stepTask(): Promise<StepTask> {
    const task = await this.plan();
    const { compute, signal, stored } = this.#from;
    const plan = await this.#part('plan', 0, async () => {
      // Where nothing else is asked for, the cut depends on the memory of whoever planned.
      const segmentCycles = Math.ceil((stored.job.cycles ?? 0) / (stored.segments ?? 1));
      return (await compute.call('plan', { ...task, segmentCycles }, { signal })).result.plan;
    });
    const { elf, publicInput, privateInput, limits } = task;
    return { elf, publicInput, privateInput, limits, plan };
  }

  async #segment(segment: number): Promise<SegmentTask> {
    return { ...(await this.#shared()), segment, ...(await this.#start(segment)) };
  }

  /** The challenges that all segments share. */
  async #drawn(): Promise<Uint8Array> {
    const { compute, signal } = this.#from;
    return await this.#part('challenge', 0, async () => {
      return (await compute.call('challenge', await this.challenge(), { signal })).result;
    });
  }

  async #ofSegments(
    kind: 'header' | 'proof',
    make: (segment: number) => Promise<Timed<SegmentResult>>,
  ): Promise<Uint8Array[]> {
    const all: Uint8Array[] = [];
    for (let segment = 1; segment <= (this.#from.stored.segments ?? 0); segment++) {
      const again = async (): Promise<Uint8Array> => (await make(segment)).result.bytes;
      all.push(await this.#part(kind, segment, again));
    }
    return all;
  }

  /** Where a segment starts, if that is there and can be read. */
  async #start(segment: number): Promise<Pick<SegmentTask, 'start'>> {
    const { runtime, parts, onError } = this.#from;
    const sha256 = parts.digest('start', segment);
    try {
      const start = sha256 && (await runtime.starts.get(sha256));
      return start ? { start } : {};
    } catch (error) {
      onError(error);
      return {};
    }
  }

  /** @param make makes the part again, should it be damaged or gone */
  async #part(
    kind: PartKind,
    segment: number,
    make: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const { runtime, parts, onError } = this.#from;
    const sha256 = parts.digest(kind, segment);
    try {
      return await this.#bytes(sha256);
    } catch (error) {
      // A job that has just ended has no parts.
      if (sha256 === undefined || !isLost(error)) throw error;
      onError(error);
    }
    const bytes = await make();
    if ((await runtime.blobs.put(bytes)) === sha256) return bytes;
    throw new StorageError(
      'storage/damaged',
      `the ${kind} of the job (segment ${segment}) was lost, and other bytes come of making it again`,
      'give all workers the same version of vouch, and submit the job again',
    );
  }

  async #bytes(sha256: string | undefined): Promise<Uint8Array> {
    const found = sha256 && (await this.#from.runtime.blobs.get(sha256));
    if (found) return found;
    const message = `the bytes ${sha256} of the job are gone`;
    throw new ServiceError('blob/unknown', message, 'submit the job again with its inputs');
  }
}

function isLost(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'blob/unknown' || code === 'storage/damaged';
}

function limitsOf({ proverMemory }: ServiceConfig, cycles: number): PlanTask['limits'] {
  return { cycles, ...(proverMemory !== undefined && { proverBytes: proverMemory }) };
}
