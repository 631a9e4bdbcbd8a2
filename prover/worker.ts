/** Entry of a worker thread: takes lists of jobs and does its share of each. */
import { parentPort, workerData } from 'node:worker_threads';
import { instantiate, type Job, runJob } from './kernel.ts';
import { JOB_COUNTER } from './kernel-layout.ts';

/** What a worker gets when it starts. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  readonly scratch: number;
}

/** What a worker says: it is ready, or the list is done or has failed. */
export interface WorkerReply {
  readonly failed?: { readonly job: number; readonly message: string };
}

const { memory, module, scratch } = workerData as WorkerStart;
const kernels = instantiate(memory, scratch, module);
const counter = new Int32Array(memory.buffer, JOB_COUNTER, 1);

/** Takes jobs until none is left. After a failure no worker takes another. */
function work(jobs: readonly Job[]): WorkerReply {
  for (;;) {
    const job = Atomics.add(counter, 0, 1);
    const call = jobs[job];
    if (call === undefined) return {};
    try {
      runJob(kernels, call);
    } catch (error) {
      Atomics.store(counter, 0, jobs.length);
      return { failed: { job, message: String(error) } };
    }
  }
}

parentPort?.on('message', (jobs: readonly Job[]) => parentPort?.postMessage(work(jobs)));
parentPort?.postMessage({} satisfies WorkerReply);
