/** ELF files for tests of the command line. */

import {
  ABORT_CAUSE_HINT,
  DEBUG_PRINT_HINT,
  HOST_CALL_COMMIT,
  HOST_CALL_HALT,
  PRIVATE_INPUT_START,
  PUBLIC_INPUT_START,
  READ_ONLY_START,
} from '../../vm/memory-map.ts';
import { Assembler, add, addi, bge, ebreak, jal, jalr, lw, slti, sw } from './assembler.ts';
import { type ElfSymbol, PF_R, PF_X, writeElf } from './elf-writer.ts';

const [ZERO, RA, T0, T1, A0, A1] = [0, 1, 5, 6, 10, 11] as const;

/** Writes its inputs to the journal: the public one, zero-padded to a word, then the private one. */
export function echoElf(): Uint8Array {
  return elf((code) => {
    code.label('main').li(9, 0);
    for (const [name, start] of [
      ['public', PUBLIC_INPUT_START],
      ['private', PRIVATE_INPUT_START],
    ] as const) {
      code.li(T0, start).put(lw(T1, 0, T0));
      code.label(name).refer(`${name}End`, 4, (offset) => bge(ZERO, T1, offset));
      code.put(addi(T0, T0, 4), lw(A0, 0, T0)).hostCall(HOST_CALL_COMMIT);
      code
        .put(addi(T1, T1, -4), addi(9, 9, 4))
        .jump(name)
        .label(`${name}End`);
    }
    // T1 is 0 or minus the padding: the journal ends with the private input's last byte.
    code
      .li(A0, 0)
      .put(add(A1, 9, T1))
      .hostCall(HOST_CALL_HALT);
  });
}

export function exitElf(exitCode: number): Uint8Array {
  return elf((code) => code.label('main').li(A0, exitCode).li(A1, 0).hostCall(HOST_CALL_HALT));
}

/** Never ends. */
export function spinElf(): Uint8Array {
  return elf((code) => code.label('main').jump('main'));
}

/** Stores to address 0 in the function `broken`. */
export function trapElf(): Uint8Array {
  return elf((code) => {
    code.label('main').refer('broken', 4, (offset) => jal(RA, offset));
    code.label('broken').put(addi(A0, ZERO, 1), sw(A0, 8, ZERO), ebreak);
  });
}

/** `main` calls `f` twice; `f` takes 10 cycles, `main` the other 8. */
export function callsElf(): Uint8Array {
  return elf((code) => {
    code.label('main');
    for (let i = 0; i < 2; i++) code.refer('f', 4, (offset) => jal(RA, offset));
    code
      .put(addi(5, 5, 1), addi(5, 5, 1))
      .li(A0, 0)
      .li(A1, 0)
      .hostCall(HOST_CALL_HALT);
    code.label('f').put(...Array.from({ length: 4 }, () => addi(6, 6, 1)), jalr(ZERO, 0, RA));
  });
}

/** Prints `text` for debugging, gives it as the reason of failure and exits with 134. */
export function failingElf(text: string): Uint8Array {
  const bytes = [...new TextEncoder().encode(text), 0];
  while (bytes.length % 4 !== 0) bytes.push(0);
  return elf((code) => {
    code
      .label('main')
      .la(A0, 'text')
      .la(A1, 'text')
      .put(slti(0, 0, DEBUG_PRINT_HINT));
    code
      .put(slti(0, 0, ABORT_CAUSE_HINT))
      .li(A0, 134)
      .li(A1, 0)
      .hostCall(HOST_CALL_HALT);
    code.label('text');
    for (let i = 0; i < bytes.length; i += 2)
      code.half((bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8));
  });
}

/** A long function of `count` instructions. */
export function longElf(count: number): Uint8Array {
  return elf((code) => {
    code.label('main');
    for (let i = 0; i < count; i++) code.put(addi(5, 5, 1));
    code.li(A0, 0).li(A1, 0).hostCall(HOST_CALL_HALT);
  });
}

const FUNCTIONS = ['main', 'f', 'broken'];

function elf(write: (code: Assembler) => void): Uint8Array {
  const code = new Assembler(READ_ONLY_START);
  write(code);
  const bytes = code.assemble();
  const symbols = FUNCTIONS.flatMap((name): ElfSymbol[] => {
    try {
      return [{ name, address: code.address(name) }];
    } catch {
      return [];
    }
  });
  return writeElf({
    entry: READ_ONLY_START,
    segments: [{ address: READ_ONLY_START, bytes, flags: PF_R | PF_X }],
    symbols,
  });
}
