import * as map from '../vm/memory-map.ts';

/** A file of the SDK whose content follows from `vm/memory-map.ts`. */
export interface SdkFile {
  /** File name inside `guests/sdk`. */
  readonly name: string;
  readonly content: string;
}

const DATA_END = map.DATA_LAST + 1;
/** Segments of the ELF begin at multiples of this, in the file and in memory. */
const PAGE = 4096;

/** The SDK's generated files: the linker script and the constants for C and assembler. */
export function generatedSdkFiles(): readonly SdkFile[] {
  return [
    { name: 'vouch.ld', content: linkerScript() },
    { name: 'vouch_memory_map.h', content: memoryMapHeader() },
  ];
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

function memoryMapHeader(): string {
  const constants: readonly (readonly [string, number])[] = [
    ['READ_ONLY_START', map.READ_ONLY_START],
    ['READ_ONLY_END', map.READ_ONLY_END],
    ['PUBLIC_INPUT_START', map.PUBLIC_INPUT_START],
    ['PUBLIC_INPUT_END', map.PUBLIC_INPUT_END],
    ['PRIVATE_INPUT_START', map.PRIVATE_INPUT_START],
    ['PRIVATE_INPUT_END', map.PRIVATE_INPUT_END],
    ['STACK_START', map.STACK_START],
    ['STACK_END', map.STACK_END],
    ['DATA_START', map.DATA_START],
    ['DATA_END', DATA_END],
    ['INPUT_HEADER_BYTES', map.INPUT_HEADER_BYTES],
    ['MAX_INPUT_BYTES', map.MAX_INPUT_BYTES],
    ['MAX_JOURNAL_BYTES', map.MAX_JOURNAL_BYTES],
    ['HOST_CALL_HALT', map.HOST_CALL_HALT],
    ['HOST_CALL_COMMIT', map.HOST_CALL_COMMIT],
    ['DEBUG_PRINT_HINT', map.DEBUG_PRINT_HINT],
    ['ABORT_CAUSE_HINT', map.ABORT_CAUSE_HINT],
    ['EXIT_CODE_ABORT', map.EXIT_CODE_ABORT],
  ];
  const lines = constants.map(([name, value]) => {
    const shown = value < 4096 ? `${value}` : hex(value);
    return `#define VOUCH_${name} ${shown}`;
  });
  return `/* Generated from vm/memory-map.ts by \`npm run guests\`. Ends are exclusive. */
#ifndef VOUCH_MEMORY_MAP_H
#define VOUCH_MEMORY_MAP_H

${lines.join('\n')}

#endif
`;
}

function linkerScript(): string {
  const readOnlyBytes = map.READ_ONLY_END - map.READ_ONLY_START;
  const dataBytes = DATA_END - map.DATA_START;
  return `/*
 * Generated from vm/memory-map.ts by \`npm run guests\`.
 *
 * Three segments: code (R X), constants (R), data (R W). The ELF header is not loaded.
 */
OUTPUT_ARCH(riscv)
ENTRY(_start)

MEMORY
{
  read_only (rx) : ORIGIN = ${hex(map.READ_ONLY_START)}, LENGTH = ${hex(readOnlyBytes)}
  writable (rw)  : ORIGIN = ${hex(map.DATA_START)}, LENGTH = ${hex(dataBytes)}
}

PHDRS
{
  code PT_LOAD FLAGS(5);
  constants PT_LOAD FLAGS(4);
  data PT_LOAD FLAGS(6);
}

SECTIONS
{
  .text : {
    KEEP(*(.text.start))
    *(.text .text.*)
  } > read_only :code
  ASSERT(SIZEOF(.text) <= ${hex(map.MAX_CODE_BYTES)}, "the code is larger than the machine's code window")

  .rodata ALIGN(${PAGE}) : {
    *(.rodata .rodata.* .srodata .srodata.*)
    . = ALIGN(4);
  } > read_only :constants

  .data : ALIGN(16) {
    *(.data .data.*)
    . = ALIGN(16);
    /* In the middle of the 4 KiB that gp reaches, with slack for the linker's alignment margin. */
    __global_pointer$ = . + 0x700;
    *(.sdata .sdata.*)
    . = ALIGN(4);
  } > writable :data

  .bss (NOLOAD) : ALIGN(4) {
    *(.sbss .sbss.*)
    *(.bss .bss.*)
    *(COMMON)
    . = ALIGN(16);
  } > writable :data

  __heap_start = .;
  __heap_end = ORIGIN(writable) + LENGTH(writable);
  __stack_start = ${hex(map.STACK_START)};
  __stack_end = ${hex(map.STACK_END)};

  .init_array : { KEEP(*(.init_array .init_array.* .ctors .ctors.*)) } > read_only :constants
  ASSERT(SIZEOF(.init_array) == 0, "constructors that run before main are not supported")

  /DISCARD/ : { *(.comment .note .note.* .eh_frame .eh_frame_hdr) }
}
`;
}
