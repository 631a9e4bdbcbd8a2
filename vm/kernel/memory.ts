/**
 * Guest memory: pages of 4 KiB, found through two tables that the fast paths of the interpreter
 * read directly. What is here decides which access is legal; it runs on the first access to a page
 * in a segment, and on every access that is misaligned or to a page of which only some words exist.
 */
import {
  DIRECTORY,
  DIRTY,
  FRAME_BYTES,
  LOAD_FRAMES,
  PAGE_BITS,
  PAGE_BYTES,
  PAGE_PARTIAL,
  PAGE_TOUCHED,
  STORE_FRAMES,
  TOUCHED,
} from '../kernel-layout';
import { DATA_START, STACK_END, STACK_START } from '../memory-map';
import { CROSSING_WORDS, ENTRY_MEMORY_TIME, ENTRY_OLD, ENTRY_RS2 } from '../segment';

/** Where the next frame goes; frames are never returned during a run. */
export let nextFrame: u32 = 0;
/** No frame may begin at or behind this address. */
export let frameLimit: u32 = 0;
export let touchedCount: u32 = 0;
export let dirtyCount: u32 = 0;
export let misalignedAccesses: u32 = 0;

/** Set when an access fails; the interpreter stops before the instruction. */
export let fault: bool = false;
export let faultAddress: u32 = 0;
/** The failed access would be legal if the run were allowed more memory. */
export let outOfMemory: bool = false;

/** Where the next crossing is recorded, and the index of the entry it belongs to. */
export let nextCrossing: u32 = 0;

export function setFrames(first: u32, limit: u32): void {
  nextFrame = first;
  frameLimit = limit;
  outOfMemory = false;
  misalignedAccesses = 0;
}

export function setCrossings(first: u32): void {
  nextCrossing = first;
}

export function clearFault(): void {
  fault = false;
}

/** A frame of zeros, with a second one behind it for the bitmap of a partial page; 0 if the limit is reached. */
export function allocateFrame(page: u32, partial: bool): u32 {
  const bytes: u32 = partial ? 2 * FRAME_BYTES : FRAME_BYTES;
  const frame = nextFrame;
  if (frame + bytes > frameLimit) {
    outOfMemory = true;
    return 0;
  }
  const missing = <i32>((frame + bytes + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(max(missing, 256)) < 0 && memory.grow(missing) < 0) {
    outOfMemory = true;
    return 0;
  }
  nextFrame = frame + bytes;
  memory.fill(frame, 0, PAGE_BYTES);
  if (partial) memory.fill(frame + FRAME_BYTES, 0, 128);
  store<u32>(DIRECTORY + (page << 2), frame | (partial ? PAGE_PARTIAL : 0));
  return frame;
}

/** Forgets which pages were touched, so that the next segment meets each one anew. */
export function beginSegment(): void {
  for (let i: u32 = 0; i < touchedCount; i++) {
    const slot = load<u32>(TOUCHED + (i << 2)) << 2;
    store<u32>(LOAD_FRAMES + slot, 0);
    store<u32>(STORE_FRAMES + slot, 0);
    store<u32>(DIRECTORY + slot, load<u32>(DIRECTORY + slot) & ~PAGE_TOUCHED);
  }
  touchedCount = 0;
  dirtyCount = 0;
}

@inline
function isWritable(address: u32): bool {
  return address - STACK_START < <u32>(STACK_END - STACK_START) ||
    (<i32>address >= DATA_START);
}

/** Whether the word at `address` exists. Leaves no trace, unlike the functions below. */
function hasWord(address: u32): bool {
  const entry = load<u32>(DIRECTORY + ((address >>> PAGE_BITS) << 2));
  if (entry == 0) return isWritable(address);
  if ((entry & PAGE_PARTIAL) == 0) return true;
  const bitmap = (entry & ~(PAGE_PARTIAL | PAGE_TOUCHED)) + FRAME_BYTES;
  const word = (address & (PAGE_BYTES - 1)) >>> 2;
  return ((<u32>load<u8>(bitmap + (word >>> 3)) >>> (word & 7)) & 1) != 0;
}

/** Frame of the page that holds the existing word at `address`; 0 if the memory limit is reached. */
function readableFrame(address: u32): u32 {
  const page = address >>> PAGE_BITS;
  const slot = page << 2;
  let frame = load<u32>(LOAD_FRAMES + slot);
  if (frame != 0) return frame;
  let entry = load<u32>(DIRECTORY + slot);
  if (entry == 0) {
    entry = allocateFrame(page, false);
    if (entry == 0) return 0;
  }
  frame = entry & ~(PAGE_PARTIAL | PAGE_TOUCHED);
  if ((entry & PAGE_PARTIAL) == 0) store<u32>(LOAD_FRAMES + slot, frame);
  if ((entry & PAGE_TOUCHED) == 0) {
    store<u32>(DIRECTORY + slot, entry | PAGE_TOUCHED);
    store<u32>(TOUCHED + (touchedCount << 2), page);
    touchedCount++;
    if (nextCrossing != 0) memory.fill(frame + PAGE_BYTES, 0, PAGE_BYTES);
  }
  return frame;
}

/** The same, ready for a store to a word that is writable. */
function writableFrame(address: u32): u32 {
  const page = address >>> PAGE_BITS;
  const slot = page << 2;
  let frame = load<u32>(STORE_FRAMES + slot);
  if (frame != 0) return frame;
  frame = readableFrame(address);
  if (frame == 0) return 0;
  store<u32>(STORE_FRAMES + slot, frame);
  store<u32>(DIRTY + (dirtyCount << 2), page);
  dirtyCount++;
  return frame;
}

/** An access that is refused leaves no trace: both its words are looked for before either is used. */
function refuse(address: u32): u32 {
  fault = true;
  faultAddress = address;
  return 0;
}

/** Time of the last access to a word, replaced by `time`. */
@inline
export function exchangeTime(frame: u32, address: u32, time: u32): u32 {
  const at = frame + PAGE_BYTES + (address & (PAGE_BYTES - 4));
  const last = load<u32>(at);
  store<u32>(at, time);
  return last;
}

@inline
function recordCrossing(index: u32, value: u32, lastTime: u32): void {
  store<u32>(nextCrossing, index);
  store<u32>(nextCrossing, value, 4);
  store<u32>(nextCrossing, lastTime, 8);
  nextCrossing += 4 * CROSSING_WORDS;
}

/**
 * Loads `size` bytes, zero-extended, whatever their alignment. `entry` is the address of the
 * segment entry to complete, 0 when not recording.
 */
export function loadAnywhere(address: u32, size: u32, entry: u32, time: u32): u32 {
  const crosses = (address & 3) + size > 4;
  const secondAddress = (address & ~3) + 4;
  if (!hasWord(address)) return refuse(address);
  if (crosses && !hasWord(secondAddress)) return refuse(secondAddress);
  const first = readableFrame(address);
  if (first == 0) return refuse(address);
  const offset = address & (PAGE_BYTES - 1);
  const shift = (address & 3) << 3;
  let second: u32 = 0;
  if (crosses) {
    second = readableFrame(secondAddress);
    if (second == 0) return refuse(secondAddress);
  }
  const word = load<u32>(first | (offset & ~3));
  let value = word >>> shift;
  if ((address & (size - 1)) != 0) misalignedAccesses++;
  if (entry != 0) {
    store<u32>(entry, word, 4 * ENTRY_RS2);
    store<u32>(entry, exchangeTime(first, address, time), 4 * ENTRY_MEMORY_TIME);
  }
  if (crosses) {
    const next = load<u32>(second | (secondAddress & (PAGE_BYTES - 1)));
    value |= next << (32 - shift);
    if (entry != 0) recordCrossing((time >>> 1) - 1, next, exchangeTime(second, secondAddress, time));
  }
  return size == 4 ? value : value & ((1 << (size << 3)) - 1);
}

/** Stores the low `size` bytes of `value`, whatever the address's alignment. */
export function storeAnywhere(address: u32, size: u32, value: u32, entry: u32, time: u32): void {
  const crosses = (address & 3) + size > 4;
  const secondAddress = (address & ~3) + 4;
  if (!isWritable(address)) {
    refuse(address);
    return;
  }
  if (crosses && !isWritable(secondAddress)) {
    refuse(secondAddress);
    return;
  }
  const first = writableFrame(address);
  if (first == 0) {
    refuse(address);
    return;
  }
  const shift = (address & 3) << 3;
  let second: u32 = 0;
  if (crosses) {
    second = writableFrame(secondAddress);
    if (second == 0) {
      refuse(secondAddress);
      return;
    }
  }
  if ((address & (size - 1)) != 0) misalignedAccesses++;
  const mask: u32 = size == 4 ? 0xffff_ffff : (1 << (size << 3)) - 1;
  const at = first | (address & (PAGE_BYTES - 4));
  const old = load<u32>(at);
  store<u32>(at, (old & ~(mask << shift)) | ((value & mask) << shift));
  if (entry != 0) {
    store<u32>(entry, old, 4 * ENTRY_OLD);
    store<u32>(entry, exchangeTime(first, address, time), 4 * ENTRY_MEMORY_TIME);
  }
  if (crosses) {
    const nextAt = second | (secondAddress & (PAGE_BYTES - 1));
    const next = load<u32>(nextAt);
    const nextShift = 32 - shift;
    store<u32>(nextAt, (next & ~(mask >>> nextShift)) | ((value & mask) >>> nextShift));
    if (entry != 0) recordCrossing((time >>> 1) - 1, next, exchangeTime(second, secondAddress, time));
  }
}
