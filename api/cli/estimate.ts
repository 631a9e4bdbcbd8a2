/** What a proof would take, for people and for programs. */
import type { ProofEstimate } from '../proving/estimate.ts';
import { byteSize, duration, grouped } from './text.ts';

/** One line: segments, time, memory, receipt. */
export function estimateSummary(found: ProofEstimate): string {
  const { segments, segmentCycles, milliseconds, threads, memoryBytes, receiptBytes } = found;
  const cut =
    segments === 1 ? '1 segment' : `${segments} segments of ${grouped(segmentCycles)} cycles`;
  const seconds = milliseconds / 1000;
  const time = seconds < 20 ? `${seconds.toFixed(1)} s` : duration(seconds);
  return (
    `a proof would take about ${time} on ${threads} thread${threads === 1 ? '' : 's'} and ` +
    `${byteSize(roundUp(memoryBytes))} of memory: ${cut}, a receipt of ${byteSize(receiptBytes)}`
  );
}

/** The fields of a JSON result. */
export function estimateFields({ stages, work: _, ...found }: ProofEstimate): object {
  const milliseconds = Math.round(found.milliseconds);
  const startMilliseconds = Math.round(found.startMilliseconds);
  const rounded = stages.map((time) => [time.stage, Math.round(time.milliseconds)]);
  return { ...found, milliseconds, startMilliseconds, stages: Object.fromEntries(rounded) };
}

/** Bytes in whole MiB. */
function roundUp(bytes: number): number {
  return 2 ** 20 * Math.ceil(bytes / 2 ** 20);
}
