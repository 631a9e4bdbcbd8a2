/** Compares a recorded segment, word for word, with what the reference machine does. */
import { strict as assert } from 'node:assert';
import {
  CROSSING_WORDS,
  ENTRY_WORDS,
  type Segment,
  type Snapshot,
  type TouchedPage,
} from '../../vm/segment.ts';
import type { ReferenceMachine, Step } from './reference-machine.ts';

/** Steps the machine through the segment; it must be where the segment starts. */
export function checkSegment(segment: Segment, machine: ReferenceMachine): void {
  checkSnapshot(segment.start, machine);
  const { entries, crossings, cycles } = segment;
  assert.equal(entries.length, cycles * ENTRY_WORDS);
  const times = new Map<number, number>();
  const access = (address: number, time: number): number => {
    const last = times.get(address) ?? 0;
    assert.ok(last < time, 'time goes forward');
    times.set(address, time);
    return last;
  };
  const crossed: number[] = [];
  for (let i = 0; i < cycles; i++) {
    const step = machine.step();
    const time = 2 * (i + 1) + (step.isStore ? 1 : 0);
    const [first, second] = step.words;
    const expected = entryOf(step, first === undefined ? 0 : access(first.address, time));
    const actual = entries.subarray(i * ENTRY_WORDS, (i + 1) * ENTRY_WORDS);
    if (expected.some((value, j) => value !== actual[j])) {
      assert.deepEqual([...actual], expected, `entry ${i} at 0x${step.pc.toString(16)}`);
    }
    if (second !== undefined) crossed.push(i, second.before, access(second.address, time));
  }
  assert.deepEqual([...crossings], crossed);
  assert.equal(crossed.length % CROSSING_WORDS, 0);
  checkPages(segment.touchedPages, times, machine);
}

function entryOf(step: Step, memoryTime: number): number[] {
  const { pc, rs1, rs2, old } = step;
  return [pc, rs1, rs2, old, memoryTime];
}

function checkPages(
  pages: readonly TouchedPage[],
  times: ReadonlyMap<number, number>,
  machine: ReferenceMachine,
): void {
  const touched = new Set([...times.keys()].map((address) => Math.floor(address / 4096)));
  assert.deepEqual(
    pages.map(({ page }) => page),
    [...touched].sort((a, b) => a - b),
  );
  for (const { page, words, times: recorded } of pages) {
    const addresses = Array.from({ length: 1024 }, (_, i) => 4096 * page + 4 * i);
    assert.deepEqual(
      [...words],
      addresses.map((at) => machine.word(at)),
    );
    assert.deepEqual(
      [...recorded],
      addresses.map((at) => times.get(at) ?? 0),
    );
  }
}

/** A snapshot is the machine's state. */
export function checkSnapshot(snapshot: Snapshot, machine: ReferenceMachine): void {
  assert.equal(snapshot.pc, machine.pc);
  assert.deepEqual(snapshot.registers, machine.registers);
  assert.equal(snapshot.journalWords, machine.journal.length);
  assert.equal(snapshot.lastJournalWord, machine.journal.at(-1) ?? 0);
  for (const [page, bytes] of snapshot.pages) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < 4096; at += 4) {
      assert.equal(view.getUint32(at, true), machine.word(4096 * page + at));
    }
  }
}
