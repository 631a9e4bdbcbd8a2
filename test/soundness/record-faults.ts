/** Faults in the record that the tables are filled from. */
import {
  CROSSING_ENTRY,
  CROSSING_TIME,
  CROSSING_VALUE,
  CROSSING_WORDS,
  ENTRY_MEMORY_TIME,
  ENTRY_OLD,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_RS2,
  ENTRY_WORDS,
  type Snapshot,
  type TouchedPage,
} from '../../vm/index.ts';
import { BIT, type Fault, refill, type Victim, withRegister, word } from './fault.ts';

function entryFault(which: number, change: (value: number, victim: Victim) => number): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const entries = segment.entries.slice();
    const value = word(segment, cycle, which);
    entries[ENTRY_WORDS * cycle + which] = change(value, victim) >>> 0;
    return refill(victim, { ...segment, entries });
  };
}

/** Cycles in another order, or another number of them. */
function orderFault(order: (cycle: number) => readonly number[]): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const rest = Array.from({ length: segment.cycles }, (_, i) => i);
    const places = order(cycle);
    rest.splice(cycle, 2, ...places);
    const from = rest.filter((i) => i < segment.cycles);
    const entries = Uint32Array.from(
      from.flatMap((i) => [...segment.entries.subarray(ENTRY_WORDS * i, ENTRY_WORDS * (i + 1))]),
    );
    return refill(victim, { ...segment, cycles: from.length, entries });
  };
}

function crossingFault(change: (crossing: Uint32Array, victim: Victim) => void): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const crossings = segment.crossings.slice();
    for (let at = 0; at < crossings.length; at += CROSSING_WORDS) {
      if (crossings[at + CROSSING_ENTRY] !== cycle) continue;
      change(crossings.subarray(at, at + CROSSING_WORDS), victim);
      return refill(victim, { ...segment, crossings });
    }
    return undefined;
  };
}

/** The end of the record alone: the tables of ends differ from those of the run. */
function endFault(change: (end: Snapshot, victim: Victim) => Snapshot | undefined): Fault {
  return (victim) => {
    const end = change(victim.segment.end, victim);
    return end === undefined ? undefined : refill(victim, { ...victim.segment, end });
  };
}

function pagesFault(change: (page: TouchedPage, at: number) => TouchedPage): Fault {
  return (victim) => {
    const { segment, cycle } = victim;
    const time = word(segment, cycle, ENTRY_MEMORY_TIME);
    const stamps = [2 * (cycle + 1), 2 * (cycle + 1) + 1];
    const touchedPages = segment.touchedPages.map((page) => {
      const at = page.times.findIndex(
        (last) => stamps.includes(last) || (last !== 0 && last === time),
      );
      return at < 0 ? page : change(page, at);
    });
    const changed = touchedPages.some((page, i) => page !== segment.touchedPages[i]);
    return changed ? refill(victim, { ...segment, touchedPages }) : undefined;
  };
}

const changedAt = (
  values: Uint32Array,
  at: number,
  change: (value: number) => number,
): Uint32Array => {
  const copy = values.slice();
  copy[at] = change(copy[at] as number);
  return copy;
};

const atOther =
  (which: number) =>
  (_: number, { segment, cycle }: Victim): number =>
    word(segment, cycle === 0 ? 1 : cycle - 1, which);

/** What a record says of the cycle. */
export const RECORD_FAULTS: Readonly<Record<string, Fault>> = {
  'rs1: bit 0': entryFault(ENTRY_RS1, BIT(0)),
  'rs1: bit 16': entryFault(ENTRY_RS1, BIT(16)),
  'rs1: bit 31': entryFault(ENTRY_RS1, BIT(31)),
  'rs1: zero': entryFault(ENTRY_RS1, () => 0),
  'rs1: negated': entryFault(ENTRY_RS1, (value) => -value),
  'rs1: value of rs2': entryFault(ENTRY_RS1, (_, v) => word(v.segment, v.cycle, ENTRY_RS2)),
  'rs1: of the cycle before': entryFault(ENTRY_RS1, atOther(ENTRY_RS1)),
  'rs2: bit 0': entryFault(ENTRY_RS2, BIT(0)),
  'rs2: bit 16': entryFault(ENTRY_RS2, BIT(16)),
  'rs2: bit 31': entryFault(ENTRY_RS2, BIT(31)),
  'rs2: zero': entryFault(ENTRY_RS2, () => 0),
  'rs2: value of rs1': entryFault(ENTRY_RS2, (_, v) => word(v.segment, v.cycle, ENTRY_RS1)),
  'rs2: of the cycle before': entryFault(ENTRY_RS2, atOther(ENTRY_RS2)),
  'old value: bit 0': entryFault(ENTRY_OLD, BIT(0)),
  'old value: bit 16': entryFault(ENTRY_OLD, BIT(16)),
  'old value: zero': entryFault(ENTRY_OLD, () => 0),
  'time: later': entryFault(ENTRY_MEMORY_TIME, (value) => value + 2),
  'time: earlier': entryFault(ENTRY_MEMORY_TIME, (value) => (value > 2 ? value - 2 : value)),
  'time: none': entryFault(ENTRY_MEMORY_TIME, () => 0),
  'time: that of the access': entryFault(ENTRY_MEMORY_TIME, (_, { cycle }) => 2 * (cycle + 1)),
  'time: in the future': entryFault(ENTRY_MEMORY_TIME, (_, { cycle }) => 2 * cycle + 12),
  'pc: two further': entryFault(ENTRY_PC, (value) => value + 2),
  'pc: two back': entryFault(ENTRY_PC, (value) => value - 2),
  'pc: of the cycle before': entryFault(ENTRY_PC, atOther(ENTRY_PC)),
  'the cycle is left out': orderFault((cycle) => [cycle + 1]),
  'the cycle comes twice': orderFault((cycle) => [cycle, cycle, cycle + 1]),
  'the cycle and the next are exchanged': orderFault((cycle) => [cycle + 1, cycle]),
  'the next cycle is left out': orderFault((cycle) => [cycle]),
  'second word: value': crossingFault((crossing) => {
    crossing[CROSSING_VALUE] = (crossing[CROSSING_VALUE] as number) ^ 0x100;
  }),
  'second word: time': crossingFault((crossing) => {
    crossing[CROSSING_TIME] = (crossing[CROSSING_TIME] as number) + 2;
  }),
  'second word: missing': crossingFault((crossing, { segment }) => {
    crossing[CROSSING_ENTRY] = segment.cycles;
  }),
  'end: bit 0 of rd': endFault((end, { rd }) =>
    rd === 0 ? undefined : withRegister(end, rd, ((end.registers[rd] as number) ^ 1) >>> 0),
  ),
  'end: x0': endFault((end) => withRegister(end, 0, 1)),
  'end: journal counter': endFault((end) => ({ ...end, journalWords: end.journalWords + 1 })),
  'end: word of memory': pagesFault((page, at) => ({
    ...page,
    words: changedAt(page.words, at, BIT(8)),
  })),
  'end: time of a word': pagesFault((page, at) => ({
    ...page,
    times: changedAt(page.times, at, (time) => time - 2),
  })),
};
