import assert from 'node:assert/strict';
import type { TaskKind } from '../../../api/service/flow.ts';
import {
  afterTask,
  beforeTask,
  duringTask,
  ProgressRecorder,
} from '../../../api/service/progress.ts';
import type { Job, JobTask } from '../../../api/service/service.ts';
import type { StoredJob } from '../../../api/service/store/job-rows.ts';
import type { JobStore } from '../../../api/service/store/jobs.ts';

const SEGMENTS = 3;
const COMMIT = ['fill', 'load', 'commit'] as const;
const PROVE = [...COMMIT, 'logup', 'zerocheck', 'reduction', 'opening'] as const;

/** A job of which the run is planned. */
function planned(): StoredJob {
  const progress = { stage: undefined, segment: 0, segments: SEGMENTS, proved: 0, done: 0 };
  const job = { id: 'prf_0', state: 'running', startedAt: Date.now(), progress };
  return {
    job: job as unknown as Job,
    ...{ journal: undefined, segments: SEGMENTS, tasks: [], underWay: {} },
  };
}

/** What a task reports, in four steps for each stage, and that it has ended. */
function* changesOf(kind: 'commit' | 'prove', segment: number): Generator<Change> {
  for (const stage of kind === 'commit' ? COMMIT : PROVE) {
    for (const done of [0, 0.25, 0.5, 0.75, 1]) {
      yield (stored) => ({ ...stored, ...changed(stored, kind, segment, stage, done) });
    }
  }
  yield (stored) => ended(stored, kind, segment);
}

type Change = (stored: StoredJob) => StoredJob;

function changed(
  { job, ...stored }: StoredJob,
  kind: TaskKind,
  segment: number,
  stage: (typeof PROVE)[number],
  done: number,
): Pick<StoredJob, 'job' | 'underWay'> {
  const { progress, underWay } = duringTask({ job, ...stored }, kind, segment, { stage, done });
  return { job: { ...job, progress }, underWay };
}

function ended(stored: StoredJob, kind: JobTask['kind'], segment: number): StoredJob {
  const task = { kind, segment, worker: 'w', startedAt: 0, endedAt: 1, attempt: 1 };
  const { progress, underWay } = afterTask(stored, { task });
  const tasks = [...stored.tasks, task];
  return { ...stored, job: { ...stored.job, progress }, underWay, tasks };
}

describe('The progress of a job of several segments', () => {
  /** All that happens, by as many workers as the lists say, taking turns; and the progress each time. */
  const shares = (stored: StoredJob, ...workers: readonly Iterable<Change>[]): number[] => {
    const found: number[] = [];
    const running = workers.map((changes) => changes[Symbol.iterator]());
    let job = stored;
    for (let left = true; left; ) {
      left = false;
      for (const changes of running) {
        const next = changes.next();
        if (next.done) continue;
        left = true;
        job = next.value(job);
        found.push(job.job.progress.done);
      }
    }
    return found;
  };
  const work = (kind: 'commit' | 'prove', ...segments: number[]): Change[] =>
    segments.flatMap((segment) => [...changesOf(kind, segment)]);
  const steps = (done: readonly number[]): number[] =>
    done.slice(1).map((share, i) => share - (done[i] as number));

  it('rises steadily within its tasks, whoever makes them', () => {
    for (const workers of [
      [[...work('commit', 1, 2, 3), ...work('prove', 1, 2, 3)]],
      [
        [...work('commit', 1, 3), ...work('prove', 1)],
        [...work('commit', 2), ...work('prove', 2, 3)],
      ],
    ]) {
      const done = shares(ended(planned(), 'execute', 0), ...workers);
      assert.ok(
        steps(done).every((step) => step >= 0 && step < 0.06),
        done.join(' '),
      );
      assert.ok(Math.abs((done.at(-1) ?? 0) - 0.96) < 1e-9, done.join(' '));
    }
  });

  it('does not fall when a task is made again, and counts it once', () => {
    const lost = work('prove', 1).slice(0, 20);
    const again = work('prove', 1);
    const done = shares(planned(), [...lost, ...again, ...again]);
    assert.ok(steps(done).every((step) => step >= 0));
    assert.equal(done.at(-1), shares(planned(), again).at(-1));
  });

  it('tells how many segments are proved', () => {
    const proved = (stored: StoredJob): number => stored.job.progress.proved;
    let job = ended(planned(), 'commit', 1);
    assert.equal(proved(job), 0);
    for (const segment of [2, 1, 1]) job = ended(job, 'prove', segment);
    assert.equal(proved(job), 2);
    assert.deepEqual(job.underWay, {});
  });

  it('counts how often a task is begun, until it ends', () => {
    let job = planned();
    const begin = (segment: number): void => {
      job = { ...job, ...beforeTask(job, 'prove', segment) };
    };
    for (const segment of [1, 2, 1]) begin(segment);
    job = { ...job, ...changed(job, 'prove', 1, 'commit', 0.5) };
    begin(1);
    const begun = Object.values(job.underWay).map((task) => task.begun);
    assert.deepEqual(begun, [3, 1]);
    assert.ok((job.underWay['prove 1']?.done ?? 0) > 0, 'what was reported stays');
    job = ended(job, 'prove', 1);
    assert.deepEqual(Object.keys(job.underWay), ['prove 2']);
  });

  it('is written at once, then not too often, and where it is worth it', async () => {
    const written: number[] = [];
    const change = async (_id: string, _from: unknown, make: (job: StoredJob) => unknown) => {
      const { progress } = make(planned()) as StoredJob['job'];
      written.push(progress.done);
    };
    const jobs = { change } as unknown as JobStore;
    const data = { job: 'prf_0', segment: 1 };
    const recorder = new ProgressRecorder(jobs, planned(), data, 'commit', (error) =>
      assert.fail(String(error)),
    );
    const systemNow = Date.now;
    let now = 1e6;
    Date.now = () => now;
    const count = async (milliseconds: number, done: number): Promise<number> => {
      now += milliseconds;
      recorder.report({ stage: 'commit', done });
      await recorder.close();
      return written.length;
    };
    try {
      assert.equal(await count(0, 0.1), 1);
      assert.equal(await count(200, 0.5), 1);
      assert.equal(await count(100, 0.6), 2);
      assert.equal(await count(1000, 0.601), 2);
      assert.ok((written[1] ?? 0) > (written[0] ?? 0));
    } finally {
      Date.now = systemNow;
    }
  });
});
