/**
 * The interpreter: executes decoded rows until the budget is spent or the program stops. One source
 * for both modes; `recording` is a compile-time constant of each exported entry.
 *
 * ISA manual, volume I: chapters "RV32I", "M" and "C"; what is legal is decided by the decoder, which
 * gives an illegal encoding the operation ILLEGAL.
 */
import {
  CODE,
  DISCARD_OFFSET,
  JOURNAL,
  LOAD_FRAMES,
  OUTSIDE,
  PAGE_BITS,
  PAGE_BYTES,
  REGISTERS,
  ROW_HEAD,
  ROW_IMMEDIATE,
  ROW_NEXT,
  ROW_TARGET,
  STOP_ABORT_CAUSE,
  STOP_BUDGET,
  STOP_DEBUG_PRINT,
  STOP_FETCH,
  STOP_HALT,
  STOP_HOST_CALL,
  STOP_ILLEGAL,
  STOP_JOURNAL_LIMIT,
  STOP_JOURNAL_MISMATCH,
  STOP_LOAD,
  STOP_MEMORY_LIMIT,
  STOP_STORE,
  STORE_FRAMES,
} from '../kernel-layout';
import { HOST_CALL_COMMIT, HOST_CALL_HALT, HOST_CALL_REGISTER, MAX_JOURNAL_BYTES } from '../memory-map';
import * as Op from '../operations';
import {
  ENTRY_MEMORY_TIME,
  ENTRY_OLD,
  ENTRY_PC,
  ENTRY_RS1,
  ENTRY_RS2,
  ENTRY_WORDS,
} from '../segment';
import { clearFault, exchangeTime, fault, loadAnywhere, outOfMemory, storeAnywhere } from './memory';

export {
  allocateFrame,
  beginSegment,
  dirtyCount,
  faultAddress,
  misalignedAccesses,
  nextCrossing,
  nextFrame,
  setCrossings,
  setFrames,
  touchedCount,
} from './memory';

/** Address of the next instruction. */
export let pc: u32 = 0;
export let stopReason: u32 = 0;
export let journalWords: u32 = 0;
export let exitCode: u32 = 0;
export let journalBytes: u32 = 0;

let codeStart: u32 = 0;
let codeBytes: u32 = 0;

/** Prepares a run of the rows at CODE, which stand for `bytes` bytes of code from `start` on. */
export function setCode(start: u32, bytes: u32): void {
  codeStart = start;
  codeBytes = bytes;
}

export function setState(programCounter: u32, committedWords: u32): void {
  pc = programCounter;
  journalWords = committedWords;
}

@inline
function register(offset: u32): u32 {
  return load<u32>(REGISTERS + offset);
}

@inline
function setRegister(offset: u32, value: u32): void {
  store<u32>(REGISTERS + offset, value);
}

@inline
function rd(head: u32): u32 {
  return (head >>> 8) & 0xff;
}

@inline
function valueOfRs1(head: u32): u32 {
  return register((head >>> 16) & 0xff);
}

@inline
function valueOfRs2(head: u32): u32 {
  return register(head >>> 24);
}

@inline
function immediate(row: u32): u32 {
  return load<u32>(row, ROW_IMMEDIATE);
}

/** Guest address of a row inside the code window; rows of 16 bytes stand for 2 bytes of code. */
@inline
function addressOfRow(row: u32): u32 {
  return codeStart + ((row - CODE) >>> 3);
}

/** Guest address of any row. */
function addressOf(row: u32): u32 {
  return load<u8>(row) == OUTSIDE ? immediate(row) : addressOfRow(row);
}

@inline
function divide(a: i32, b: i32): u32 {
  if (b == 0) return 0xffff_ffff;
  if (b == -1) return <u32>-a;
  return <u32>(a / b);
}

@inline
function remainder(a: i32, b: i32): u32 {
  if (b == 0) return <u32>a;
  if (b == -1) return 0;
  return <u32>(a % b);
}

@inline
function stop(reason: u32, address: u32): void {
  stopReason = reason;
  pc = address;
}

@inline
function stopAtFault(reason: u32, row: u32): void {
  clearFault();
  stop(outOfMemory ? STOP_MEMORY_LIMIT : reason, addressOfRow(row));
}

@inline
function loadValue<T>(row: u32, head: u32, recording: bool, entry: u32, time: u32): u32 {
  const address = valueOfRs1(head) + immediate(row);
  const frame = load<u32>(LOAD_FRAMES + ((address >>> PAGE_BITS) << 2));
  if (frame == 0 || (address & (sizeof<T>() - 1)) != 0) {
    return loadAnywhere(address, sizeof<T>(), recording ? entry : 0, time);
  }
  if (recording) {
    store<u32>(entry, load<u32>(frame | (address & (PAGE_BYTES - 4))), 4 * ENTRY_RS2);
    store<u32>(entry, exchangeTime(frame, address, time), 4 * ENTRY_MEMORY_TIME);
  }
  return <u32>load<T>(frame | (address & (PAGE_BYTES - 1)));
}

@inline
function storeValue<T>(row: u32, head: u32, recording: bool, entry: u32, time: u32): void {
  const address = valueOfRs1(head) + immediate(row);
  const frame = load<u32>(STORE_FRAMES + ((address >>> PAGE_BITS) << 2));
  if (frame == 0 || (address & (sizeof<T>() - 1)) != 0) {
    storeAnywhere(address, sizeof<T>(), valueOfRs2(head), recording ? entry : 0, time + 1);
    return;
  }
  if (recording) {
    store<u32>(entry, load<u32>(frame | (address & (PAGE_BYTES - 4))), 4 * ENTRY_OLD);
    store<u32>(entry, exchangeTime(frame, address, time + 1), 4 * ENTRY_MEMORY_TIME);
  }
  store<T>(frame | (address & (PAGE_BYTES - 1)), <T>valueOfRs2(head));
}

/** STOP_BUDGET if the host call is legal and the run goes on, STOP_HALT if it ends well. */
function hostCall(recording: bool, entry: u32): u32 {
  const call = register(4 * HOST_CALL_REGISTER);
  const a0 = register(4 * 10);
  const a1 = register(4 * 11);
  if (recording) {
    store<u32>(entry, call, 4 * ENTRY_RS1);
    store<u32>(entry, a0, 4 * ENTRY_RS2);
    store<u32>(entry, call == HOST_CALL_HALT ? a1 : journalWords, 4 * ENTRY_OLD);
  }
  if (call == HOST_CALL_COMMIT) {
    if (journalWords == MAX_JOURNAL_BYTES / 4) return STOP_JOURNAL_LIMIT;
    store<u32>(JOURNAL + (journalWords << 2), a0);
    journalWords++;
    return STOP_BUDGET;
  }
  if (call != HOST_CALL_HALT) return STOP_HOST_CALL;
  const tail = a1 & 3;
  if ((a1 >>> 2) + <u32>(tail != 0) != journalWords) return STOP_JOURNAL_MISMATCH;
  if (tail != 0 && load<u32>(JOURNAL + ((journalWords - 1) << 2)) >>> (tail << 3) != 0) {
    return STOP_JOURNAL_MISMATCH;
  }
  exitCode = a0;
  journalBytes = a1;
  return STOP_HALT;
}

/**
 * Executes at most `budget` instructions from `pc` on and returns how many were executed. When
 * recording, entry i of the buffer at `entries` describes cycle `firstCycle + i` of the segment.
 */
@inline
function interpret(recording: bool, budget: u32, entries: u32, firstCycle: u32): u32 {
  if (budget == 0 || pc - codeStart >= codeBytes) {
    stopReason = budget == 0 ? STOP_BUDGET : STOP_FETCH;
    return 0;
  }
  let row: u32 = CODE + ((pc - codeStart) << 3);
  let left = budget;
  let entry = entries;
  let time = firstCycle << 1;
  do {
    const head = load<u32>(row, ROW_HEAD);
    let next = load<u32>(row, ROW_NEXT);
    if (recording) {
      store<u32>(entry, addressOfRow(row), 4 * ENTRY_PC);
      store<u32>(entry, valueOfRs1(head), 4 * ENTRY_RS1);
      store<u32>(entry, valueOfRs2(head), 4 * ENTRY_RS2);
      // A write to x0 goes to DISCARD_OFFSET, which this mask takes to x0 itself.
      store<u32>(entry, register(rd(head) & (DISCARD_OFFSET - 1)), 4 * ENTRY_OLD);
      store<u32>(entry, 0, 4 * ENTRY_MEMORY_TIME);
    }
    switch (head & 0xff) {
      case Op.ILLEGAL:
        stop(STOP_ILLEGAL, addressOfRow(row));
        return budget - left;
      case Op.ADD:
        setRegister(rd(head), valueOfRs1(head) + valueOfRs2(head));
        break;
      case Op.SUB:
        setRegister(rd(head), valueOfRs1(head) - valueOfRs2(head));
        break;
      case Op.XOR:
        setRegister(rd(head), valueOfRs1(head) ^ valueOfRs2(head));
        break;
      case Op.OR:
        setRegister(rd(head), valueOfRs1(head) | valueOfRs2(head));
        break;
      case Op.AND:
        setRegister(rd(head), valueOfRs1(head) & valueOfRs2(head));
        break;
      case Op.SLL:
        setRegister(rd(head), valueOfRs1(head) << (valueOfRs2(head) & 31));
        break;
      case Op.SRL:
        setRegister(rd(head), valueOfRs1(head) >>> (valueOfRs2(head) & 31));
        break;
      case Op.SRA:
        setRegister(rd(head), <u32>(<i32>valueOfRs1(head) >> (valueOfRs2(head) & 31)));
        break;
      case Op.SLT:
        setRegister(rd(head), <u32>(<i32>valueOfRs1(head) < <i32>valueOfRs2(head)));
        break;
      case Op.SLTU:
        setRegister(rd(head), <u32>(valueOfRs1(head) < valueOfRs2(head)));
        break;
      case Op.ADDI:
        setRegister(rd(head), valueOfRs1(head) + immediate(row));
        break;
      case Op.XORI:
        setRegister(rd(head), valueOfRs1(head) ^ immediate(row));
        break;
      case Op.ORI:
        setRegister(rd(head), valueOfRs1(head) | immediate(row));
        break;
      case Op.ANDI:
        setRegister(rd(head), valueOfRs1(head) & immediate(row));
        break;
      case Op.SLLI:
        setRegister(rd(head), valueOfRs1(head) << (immediate(row) & 31));
        break;
      case Op.SRLI:
        setRegister(rd(head), valueOfRs1(head) >>> (immediate(row) & 31));
        break;
      case Op.SRAI:
        setRegister(rd(head), <u32>(<i32>valueOfRs1(head) >> (immediate(row) & 31)));
        break;
      case Op.SLTI:
        setRegister(rd(head), <u32>(<i32>valueOfRs1(head) < <i32>immediate(row)));
        break;
      case Op.SLTIU:
        setRegister(rd(head), <u32>(valueOfRs1(head) < immediate(row)));
        break;
      case Op.LUI:
      case Op.AUIPC:
        setRegister(rd(head), immediate(row));
        break;
      case Op.JAL:
        setRegister(rd(head), immediate(row));
        next = load<u32>(row, ROW_TARGET);
        break;
      case Op.JUMP:
        next = load<u32>(row, ROW_TARGET);
        break;
      case Op.JALR: {
        const target = (valueOfRs1(head) + immediate(row)) & ~1;
        setRegister(rd(head), load<u32>(row, ROW_TARGET));
        if (target - codeStart >= codeBytes) {
          stop(STOP_FETCH, target);
          return budget - left + 1;
        }
        next = CODE + ((target - codeStart) << 3);
        break;
      }
      case Op.BEQ:
        if (valueOfRs1(head) == valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.BNE:
        if (valueOfRs1(head) != valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.BLT:
        if (<i32>valueOfRs1(head) < <i32>valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.BGE:
        if (<i32>valueOfRs1(head) >= <i32>valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.BLTU:
        if (valueOfRs1(head) < valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.BGEU:
        if (valueOfRs1(head) >= valueOfRs2(head)) next = load<u32>(row, ROW_TARGET);
        break;
      case Op.LB:
      case Op.LH:
      case Op.LW:
      case Op.LBU:
      case Op.LHU: {
        let value: u32;
        const operation = head & 0xff;
        if (operation == Op.LW) value = loadValue<u32>(row, head, recording, entry, time);
        else if (operation == Op.LBU) value = loadValue<u8>(row, head, recording, entry, time);
        else if (operation == Op.LHU) value = loadValue<u16>(row, head, recording, entry, time);
        else if (operation == Op.LB) {
          value = <u32>(<i32><i8>loadValue<u8>(row, head, recording, entry, time));
        } else value = <u32>(<i32><i16>loadValue<u16>(row, head, recording, entry, time));
        if (fault) {
          stopAtFault(STOP_LOAD, row);
          return budget - left;
        }
        setRegister(rd(head), value);
        break;
      }
      case Op.SB:
      case Op.SH:
      case Op.SW: {
        const operation = head & 0xff;
        if (operation == Op.SW) storeValue<u32>(row, head, recording, entry, time);
        else if (operation == Op.SB) storeValue<u8>(row, head, recording, entry, time);
        else storeValue<u16>(row, head, recording, entry, time);
        if (fault) {
          stopAtFault(STOP_STORE, row);
          return budget - left;
        }
        break;
      }
      case Op.MUL:
        setRegister(rd(head), valueOfRs1(head) * valueOfRs2(head));
        break;
      case Op.MULH:
        setRegister(
          rd(head),
          <u32>((<i64><i32>valueOfRs1(head) * <i64><i32>valueOfRs2(head)) >>> 32),
        );
        break;
      case Op.MULHSU:
        setRegister(rd(head), <u32>((<i64><i32>valueOfRs1(head) * <i64>valueOfRs2(head)) >>> 32));
        break;
      case Op.MULHU:
        setRegister(rd(head), <u32>((<u64>valueOfRs1(head) * <u64>valueOfRs2(head)) >>> 32));
        break;
      case Op.DIV:
        setRegister(rd(head), divide(<i32>valueOfRs1(head), <i32>valueOfRs2(head)));
        break;
      case Op.DIVU: {
        const divisor = valueOfRs2(head);
        setRegister(rd(head), divisor == 0 ? 0xffff_ffff : valueOfRs1(head) / divisor);
        break;
      }
      case Op.REM:
        setRegister(rd(head), remainder(<i32>valueOfRs1(head), <i32>valueOfRs2(head)));
        break;
      case Op.REMU: {
        const divisor = valueOfRs2(head);
        setRegister(rd(head), divisor == 0 ? valueOfRs1(head) : valueOfRs1(head) % divisor);
        break;
      }
      case Op.ECALL: {
        const reason = hostCall(recording, entry);
        if (reason != STOP_BUDGET) {
          const halted = reason == STOP_HALT;
          stop(reason, addressOf(halted ? next : row));
          return budget - left + <u32>halted;
        }
        break;
      }
      case Op.NOP:
        break;
      case Op.DEBUG_PRINT:
        stop(STOP_DEBUG_PRINT, addressOf(next));
        return budget - left + 1;
      case Op.ABORT_CAUSE:
        stop(STOP_ABORT_CAUSE, addressOf(next));
        return budget - left + 1;
      case OUTSIDE:
        stop(STOP_FETCH, immediate(row));
        return budget - left;
      default:
        unreachable();
    }
    row = next;
    if (recording) {
      entry += 4 * ENTRY_WORDS;
      time += 2;
    }
    left--;
  } while (left != 0);
  stop(STOP_BUDGET, addressOf(row));
  return budget;
}

export function run(budget: u32): u32 {
  return interpret(false, budget, 0, 0);
}

export function runRecording(budget: u32, entries: u32, firstCycle: u32): u32 {
  return interpret(true, budget, entries, firstCycle);
}
