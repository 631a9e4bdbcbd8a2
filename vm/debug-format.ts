/**
 * Formats what a guest prints for debugging. The guest passes a format string and the address of
 * its arguments as the ILP32 calling convention lays out a `va_list`: words, 64-bit values at
 * multiples of 8 (RISC-V ELF psABI, "Variadic arguments"). Both may be hostile.
 */

/** How the formatter reads the guest's memory; `undefined` means that nothing readable is there. */
export interface DebugMemory {
  /** The 32-bit word at an address, signed or unsigned. */
  readWord(address: number): number | undefined;
  /** The text up to the first zero byte or up to `limit` bytes, whichever comes first. */
  readString(address: number, limit: number): string | undefined;
}

/** Longest formatted text in UTF-16 code units; what exceeds it is cut and marked. */
export const MAX_DEBUG_TEXT = 0x1_0000;

/**
 * Formats like C's `printf`: `%d %i %u %x %X %o %c %s %p %%` with the flags `- + space # 0`, width,
 * precision (`*` for either) and the length modifiers `hh h l ll j z t`. Any other conversion is
 * printed as it stands. Never throws: where an argument or a string cannot be read, the text says
 * `(bad pointer 0x...)`.
 */
export function formatDebug(
  format: string,
  readWord: (address: number) => number | undefined,
  readString: (address: number, limit: number) => string | undefined,
  argsAddress: number,
): string {
  const args = new Arguments({ readWord, readString }, argsAddress);
  let text = '';
  let position = 0;
  while (position < format.length && text.length <= MAX_DEBUG_TEXT) {
    const percent = format.indexOf('%', position);
    if (percent < 0) {
      text += format.slice(position);
      break;
    }
    text += format.slice(position, percent);
    DIRECTIVE.lastIndex = percent;
    const match = DIRECTIVE.exec(format);
    if (match === null) {
      text += format.slice(percent);
      break;
    }
    text += convert(match, args, MAX_DEBUG_TEXT - text.length);
    position = DIRECTIVE.lastIndex;
  }
  return text.length > MAX_DEBUG_TEXT ? `${text.slice(0, MAX_DEBUG_TEXT)}... (cut)` : text;
}

/** Flags, width, precision, length modifier, conversion. */
const DIRECTIVE = /%([-+ #0]*)(\d+|\*)?(?:\.(\*|\d*))?(hh|h|ll|l|j|z|t|L)?([\s\S])/y;

interface Field {
  readonly flags: string;
  readonly width: number;
  /** -1 if absent. */
  readonly precision: number;
  /** Most characters that are worth producing. */
  readonly room: number;
}

/** A value that could not be read. */
class BadPointer {
  readonly address: number;

  constructor(address: number) {
    this.address = address;
  }
}

/** Walks the argument words. */
class Arguments {
  readonly memory: DebugMemory;
  private address: number;

  constructor(memory: DebugMemory, address: number) {
    this.memory = memory;
    this.address = address >>> 0;
  }

  word(): number | BadPointer {
    const address = this.address;
    this.address = (address + 4) >>> 0;
    const word = attempt(() => this.memory.readWord(address));
    return word === undefined ? new BadPointer(address) : word >>> 0;
  }

  doubleWord(): bigint | BadPointer {
    this.address = ((this.address + 7) & ~7) >>> 0;
    const low = this.word();
    const high = this.word();
    if (low instanceof BadPointer) return low;
    if (high instanceof BadPointer) return high;
    return (BigInt(high) << 32n) | BigInt(low);
  }
}

/** Whatever goes wrong while hostile memory is read, the run itself is not at fault. */
function attempt<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function convert(match: RegExpExecArray, args: Arguments, room: number): string {
  const [directive, flags = '', width, precision, modifier = '', conversion = ''] = match;
  if (conversion === '%') return '%';
  if (!'diuxXocsp'.includes(conversion)) {
    // A double occupies two words even though it is not printed.
    if ('aAeEfFgG'.includes(conversion)) args.doubleWord();
    return directive;
  }
  const field = readField(flags, width, precision, args, room);
  if (field instanceof BadPointer) return describe(field);
  if (conversion === 's') return convertString(field, args);
  if (conversion === 'c') return convertCharacter(field, args);
  return convertInteger(field, modifier, conversion, args);
}

function readField(
  flags: string,
  width: string | undefined,
  precision: string | undefined,
  args: Arguments,
  room: number,
): Field | BadPointer {
  const wide = size(width, args, 0);
  if (wide instanceof BadPointer) return wide;
  const precise = size(precision, args, -1);
  if (precise instanceof BadPointer) return precise;
  return {
    // A negative width from an argument is the flag `-` and a width (C11 7.21.6.1).
    flags: wide < 0 ? `${flags}-` : flags,
    width: Math.min(Math.abs(wide), room),
    precision: precise < 0 ? -1 : Math.min(precise, room),
    room,
  };
}

function size(text: string | undefined, args: Arguments, absent: number): number | BadPointer {
  if (text === undefined) return absent;
  if (text !== '*') return Math.min(Number(text), MAX_DEBUG_TEXT);
  const word = args.word();
  return word instanceof BadPointer ? word : word | 0;
}

function convertString(field: Field, args: Arguments): string {
  const address = args.word();
  if (address instanceof BadPointer) return describe(address);
  const limit = field.precision < 0 ? field.room : Math.min(field.precision, field.room);
  // `%.0s` prints nothing, whatever its pointer.
  const text = limit <= 0 ? '' : attempt(() => args.memory.readString(address, limit));
  return text === undefined ? describe(new BadPointer(address)) : pad(text, field);
}

function convertCharacter(field: Field, args: Arguments): string {
  const word = args.word();
  return word instanceof BadPointer ? describe(word) : pad(String.fromCharCode(word & 0xff), field);
}

function convertInteger(
  field: Field,
  modifier: string,
  conversion: string,
  args: Arguments,
): string {
  const wide = (modifier === 'll' || modifier === 'j') && conversion !== 'p';
  const word = wide ? args.doubleWord() : args.word();
  if (word instanceof BadPointer) return describe(word);
  const bits = wide ? 64 : modifier === 'hh' ? 8 : modifier === 'h' ? 16 : 32;
  const signed = conversion === 'd' || conversion === 'i';
  const value = signed ? BigInt.asIntN(bits, BigInt(word)) : BigInt.asUintN(bits, BigInt(word));
  const magnitude = value < 0n ? -value : value;
  const digits = inBase(magnitude, conversion, field);
  const sign = signed ? signOf(value, field.flags) : basePrefix(magnitude, conversion, field.flags);
  const zeroPadded = field.flags.includes('0') && !field.flags.includes('-') && field.precision < 0;
  const zeros = zeroPadded ? Math.max(0, field.width - sign.length - digits.length) : 0;
  return pad(sign + '0'.repeat(zeros) + digits, field);
}

function inBase(magnitude: bigint, conversion: string, field: Field): string {
  const base = conversion === 'o' ? 8 : 'xXp'.includes(conversion) ? 16 : 10;
  const digits = field.precision === 0 && magnitude === 0n ? '' : magnitude.toString(base);
  const padded = digits.padStart(Math.max(0, field.precision), '0');
  return conversion === 'X' ? padded.toUpperCase() : padded;
}

function signOf(value: bigint, flags: string): string {
  if (value < 0n) return '-';
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

function basePrefix(magnitude: bigint, conversion: string, flags: string): string {
  if (conversion === 'p') return '0x';
  if (!flags.includes('#') || magnitude === 0n) return '';
  return conversion === 'x' ? '0x' : conversion === 'X' ? '0X' : conversion === 'o' ? '0' : '';
}

function pad(text: string, field: Field): string {
  return field.flags.includes('-') ? text.padEnd(field.width) : text.padStart(field.width);
}

function describe(bad: BadPointer): string {
  return `(bad pointer 0x${bad.address.toString(16).padStart(8, '0')})`;
}
