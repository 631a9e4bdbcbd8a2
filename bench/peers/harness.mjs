/** What the harnesses share: the task, the clock, the result. */
import { existsSync, readFileSync } from 'node:fs';

/**
 * Runs a harness with the task of the command line and prints one line of JSON: its result, or why
 * there is none. Ends the process, whatever threads a library has left.
 */
export async function harness(measure) {
  const task = JSON.parse(process.argv[2]);
  try {
    const result = await measure({ ...task, input: Buffer.from(task.input, 'hex') });
    finish({ ...result, peak_rss: peakBytes() });
  } catch (error) {
    finish({ failure: error?.message ?? String(error) });
  }
}

function finish(result) {
  process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Most memory of this process, and on Linux of those that it started and that still run. */
function peakBytes() {
  const children = `/proc/self/task/${process.pid}/children`;
  const ids = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : [];
  const peaks = ids.filter(Boolean).map((id) => {
    const [, kibibytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0);
  });
  return 1024 * peaks.reduce((sum, peak) => sum + peak, process.resourceUsage().maxRSS);
}

/** The result of a task and its milliseconds. */
export async function timed(task) {
  const start = performance.now();
  const result = await task();
  return [result, performance.now() - start];
}

/** Proves and verifies; the first round warms up. The end-to-end time begins with the input. */
export async function rounds(runs, { witness, prove, verify }) {
  const times = { end_to_end_ms: [], prove_ms: [], verify_ms: [] };
  let last;
  for (let run = 0; run <= runs; run++) {
    const [found, solving] = await timed(witness);
    const [proof, proving] = await timed(() => prove(found));
    const [valid, verifying] = await timed(() => verify(proof));
    if (!valid) throw new Error('the proof was refused');
    last = proof;
    if (run === 0) continue;
    times.end_to_end_ms.push(solving + proving);
    times.prove_ms.push(proving);
    times.verify_ms.push(verifying);
  }
  return { ...times, proof: last };
}

/** The matrices of an input of 32-bit words, row by row. */
export function matrices(input, size) {
  const words = new Uint32Array(input.buffer, input.byteOffset, input.length / 4);
  const matrix = (at) =>
    Array.from({ length: size }, (_, i) => [...words.slice(at + i * size, at + (i + 1) * size)]);
  return [matrix(0), matrix(size * size)];
}

/** 32-bit words as the guests write them. */
export function wordsHex(values) {
  return Buffer.from(Uint32Array.from(values, (value) => Number(value)).buffer).toString('hex');
}
