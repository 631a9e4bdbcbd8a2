/**
 * The buses of the machine. A chip sends and receives messages; on a permutation bus what is sent
 * is what is received, on a lookup bus what is sent is among the rows of the bus's one table.
 *
 * Local buses belong to one segment; a global bus joins the segments and the verifier's terms.
 */
import type { Bus } from '@vouch/verifier';

function bus(id: number, name: string, kind: Bus['kind'], scope: Bus['scope']): Bus {
  return { id, name, kind, scope };
}

/** (pc in half-words, cycle): the instruction that is executed in a cycle. */
export const EXEC: Bus = bus(1, 'EXEC', 'permutation', 'local');
/** (key, low limb, high limb, time): a word as its last access left it. */
export const MEM: Bus = bus(2, 'MEM', 'permutation', 'local');
/** (pc, operation, rd, rs1, rs2, imm0, imm1, next, flags): a row of the program table. */
export const PROG: Bus = bus(3, 'PROG', 'lookup', 'local');
/** (v), v < 2^20. */
export const R20: Bus = bus(4, 'R20', 'lookup', 'local');
/** (v, b), v < 2^b, b <= 16. */
export const VR: Bus = bus(5, 'VR', 'lookup', 'local');
/** (x, y, x & y), bytes. */
export const AND8: Bus = bus(6, 'AND8', 'lookup', 'local');
/** (x, y), bytes. */
export const PAIR8: Bus = bus(7, 'PAIR8', 'lookup', 'local');
/** (u, 2^u, 2^(16-u)), u < 16. */
export const POW: Bus = bus(8, 'POW', 'lookup', 'local');
/** (key, low limb, high limb, segment): a word as a segment left it; segment 0 is the beginning. */
export const GLOBAL_MEM: Bus = bus(9, 'GLOBAL_MEM', 'permutation', 'global');
/** (index, low limb, high limb): a word of the journal. */
export const PV: Bus = bus(10, 'PV', 'permutation', 'global');
/** (exit code low, high, journal length low, high). */
export const EXIT: Bus = bus(11, 'EXIT', 'permutation', 'global');

export const BUSES: readonly Bus[] = [
  EXEC,
  MEM,
  PROG,
  R20,
  VR,
  AND8,
  PAIR8,
  POW,
  GLOBAL_MEM,
  PV,
  EXIT,
];
