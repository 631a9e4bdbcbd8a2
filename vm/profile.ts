/**
 * Cycles per function as a call tree, rebuilt from the record of a run.
 *
 * The record has the address of every instruction, so nothing is sampled. Calls and returns are
 * told apart by the link registers (ISA manual, "Unconditional Jumps", return-address stack hints).
 * What does not fit, because the guest jumps out of functions or returns elsewhere, moves cycles
 * between neighbouring nodes but loses none: each cycle counts for the function at its address.
 */

import { JAL, JALR } from './operations.ts';
import type { CodeTable, Program } from './program.ts';
import { ENTRY_PC, ENTRY_WORDS, type Segment } from './segment.ts';

/** One function as called from one place of the tree. */
export interface ProfileNode {
  /** Index into `Profile.functions`. */
  readonly function: number;
  /** Index of the caller's node, -1 for the outermost function; smaller than the node's own. */
  readonly parent: number;
  /** Cycles in the function itself. */
  readonly self: number;
  /** Cycles in the function and all that it called. */
  readonly total: number;
  /** Times that the node was entered. */
  readonly calls: number;
}

/** A function over all its nodes. */
export interface ProfileFunction {
  readonly name: string;
  /** Address of its first byte; 0 for code without a symbol. */
  readonly address: number;
  readonly self: number;
  /** Cycles with the function somewhere on the stack; recursion counts once. */
  readonly total: number;
  readonly calls: number;
}

export interface Profile {
  readonly cycles: number;
  readonly functions: readonly ProfileFunction[];
  /** Parents come before their children. */
  readonly nodes: readonly ProfileNode[];
}

/** Bounds of the profiler's memory. */
export interface ProfilerBounds {
  /** Most nodes of the tree; functions called beyond it get one node each. Default 2^16. */
  readonly nodes?: number;
  /** Deeper calls join the nearest node of the same function on the path. Default 256. */
  readonly depth?: number;
  /** Most open calls that are remembered; the oldest are forgotten first. Default 2^18. */
  readonly frames?: number;
}

/** Stands for code that no symbol covers. */
const NO_SYMBOL = '(no symbol)';
/** Stands above the functions that are called after the tree is full. */
const BEYOND = '(further calls)';

// What an instruction may do to the stack of calls; anything else stays or jumps.
const PLAIN = 0;
const CALL = 1;
const RETURN = 2;
const INDIRECT = 3;
const KIND_BITS = 2;

/** Consumes the segments of one run in order. */
export class Profiler {
  private readonly code: CodeTable;
  private readonly names: readonly { readonly name: string; readonly address: number }[];
  /** `function << KIND_BITS | kind` for each row of the code table. */
  private readonly rows: Uint32Array;
  private readonly tree: CallTree;
  private readonly stack: CallStack;
  private cycles = 0;
  private node = -1;
  private function = -1;
  /** Kind and address of the previous instruction. */
  private previousKind = PLAIN;
  private previousRow = 0;

  constructor(program: Program, bounds: ProfilerBounds = {}) {
    this.code = program.code;
    const { names, functionOf } = functionsByRow(program);
    this.names = names;
    this.rows = classifyRows(program.code, functionOf);
    this.tree = new CallTree(names.length, bounds.nodes ?? 0x1_0000, bounds.depth ?? 256);
    this.stack = new CallStack(program.code.rows + 3, names.length, bounds.frames ?? 0x4_0000);
  }

  add(segment: Segment): void {
    const { entries, cycles } = segment;
    const { rows } = this;
    const start = this.code.start;
    let current = this.function;
    let kind = this.previousKind;
    let row = this.previousRow;
    let counted = 0;
    for (let i = 0; i < cycles; i++) {
      const before = row;
      row = ((entries[i * ENTRY_WORDS + ENTRY_PC] as number) - start) >>> 1;
      const bits = rows[row] as number;
      if (bits >>> KIND_BITS !== current || kind !== PLAIN) {
        this.tree.count(this.node, i - counted);
        counted = i;
        current = bits >>> KIND_BITS;
        this.move(kind, before, row, current);
      }
      kind = bits & ((1 << KIND_BITS) - 1);
    }
    this.tree.count(this.node, cycles - counted);
    this.previousKind = kind;
    this.previousRow = row;
    this.cycles += cycles;
  }

  finish(): Profile {
    return summarise(this.tree, [...this.names, { name: BEYOND, address: 0 }], this.cycles);
  }

  /** Follows the change from the instruction at row `from` to row `to` in `target`. */
  private move(kind: number, from: number, to: number, target: number): void {
    const source = this.function;
    this.function = target;
    if (this.node < 0) {
      this.node = this.tree.enter(-1, target, true);
    } else if (kind === CALL) {
      const length = (this.code.length[from] as number) >>> 1;
      this.stack.push(this.node, source, from + length);
      this.node = this.tree.enter(this.node, target, true);
    } else if (kind === RETURN || kind === INDIRECT) {
      this.leave(kind, source, to, target);
    } else {
      this.replace(target, to);
    }
  }

  private leave(kind: number, source: number, to: number, target: number): void {
    const caller = kind === RETURN ? this.stack.popReturn(to) : -1;
    if (caller >= 0 && this.tree.functionOf(caller) === target) {
      this.node = caller;
      return;
    }
    if (target === source) return;
    // longjmp lands inside a function whose call is still open.
    const landed = this.isFirst(target, to) ? -1 : this.stack.popFunction(target);
    if (landed >= 0) this.node = landed;
    else this.replace(target, to);
  }

  /**
   * A tail call: the caller's caller has called `target` instead. A jump into the middle, to and
   * from the part of a function that the compiler has moved away, changes places without a call.
   */
  private replace(target: number, to: number): void {
    const parent = this.tree.parentOf(this.node);
    this.node = this.tree.enter(parent, target, this.isFirst(target, to));
  }

  private isFirst(target: number, row: number): boolean {
    return this.names[target]?.address === this.code.start + 2 * row;
  }
}

/** The functions by index, index 0 for code without a symbol, and the index of each row. */
function functionsByRow(program: Program): {
  names: { name: string; address: number }[];
  functionOf: Uint32Array;
} {
  const names = [{ name: NO_SYMBOL, address: 0 }];
  const index = new Map<object, number>();
  const { start, rows } = program.code;
  const functionOf = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const symbol = program.symbols.find(start + 2 * row);
    if (symbol === undefined) continue;
    let found = index.get(symbol);
    if (found === undefined) {
      found = names.push({ name: symbol.name, address: symbol.address }) - 1;
      index.set(symbol, found);
    }
    functionOf[row] = found;
  }
  return { names, functionOf };
}

function classifyRows(code: CodeTable, functionOf: Uint32Array): Uint32Array {
  return functionOf.map((found, row) => {
    const operation = code.operation[row] as number;
    const rd = code.rd[row] as number;
    const links = rd === 1 || rd === 5;
    let kind = PLAIN;
    if (operation === JAL) kind = links ? CALL : PLAIN;
    if (operation === JALR) {
      const rs1 = code.rs1[row] as number;
      kind = links ? CALL : rd === 0 && (rs1 === 1 || rs1 === 5) ? RETURN : INDIRECT;
    }
    return ((found << KIND_BITS) | kind) >>> 0;
  });
}

/** Nodes merged by parent and function. */
class CallTree {
  readonly functions: number[] = [];
  readonly parents: number[] = [];
  readonly self: number[] = [];
  readonly calls: number[] = [];
  private readonly depths: number[] = [];
  private readonly children = new Map<number, number>();
  private readonly functionCount: number;
  private readonly mostNodes: number;
  private readonly mostDepth: number;
  private beyond = -1;

  constructor(functionCount: number, mostNodes: number, mostDepth: number) {
    // One more function, the last, stands for everything beyond the bound.
    this.functionCount = functionCount + 1;
    this.mostNodes = mostNodes;
    this.mostDepth = mostDepth;
  }

  functionOf(node: number): number {
    return this.functions[node] ?? -1;
  }

  parentOf(node: number): number {
    return this.parents[node] ?? -1;
  }

  count(node: number, cycles: number): void {
    if (cycles > 0) this.self[node] = (this.self[node] ?? 0) + cycles;
  }

  /** The node of `target` called from `parent`. */
  enter(parent: number, target: number, call: boolean): number {
    let node = this.child(parent, target);
    if (node === undefined && (this.depths[parent] ?? 0) >= this.mostDepth) {
      node = this.nearest(parent, target);
    }
    if (node === undefined && this.functions.length >= this.mostNodes) node = this.further(target);
    node ??= this.create(parent, target);
    if (call) this.calls[node] = (this.calls[node] ?? 0) + 1;
    return node;
  }

  private child(parent: number, target: number): number | undefined {
    return this.children.get((parent + 1) * this.functionCount + target);
  }

  private nearest(from: number, target: number): number | undefined {
    for (let node = from; node >= 0; node = this.parentOf(node)) {
      if (this.functions[node] === target) return node;
    }
    return undefined;
  }

  private further(target: number): number | undefined {
    if (this.beyond < 0) this.beyond = this.create(-1, this.functionCount - 1);
    return this.child(this.beyond, target) ?? this.create(this.beyond, target);
  }

  private create(parent: number, target: number): number {
    const node = this.functions.push(target) - 1;
    this.parents.push(parent);
    this.self.push(0);
    this.calls.push(0);
    this.depths.push(parent < 0 ? 1 : (this.depths[parent] ?? 0) + 1);
    this.children.set((parent + 1) * this.functionCount + target, node);
    return node;
  }
}

/**
 * Calls that have not returned. How often each return row and each function is open is counted, so
 * that a search runs only when it will succeed and is paid for by the frames that it drops.
 */
class CallStack {
  private readonly nodes: Uint32Array;
  private readonly functions: Uint32Array;
  private readonly returnRows: Uint32Array;
  private readonly openReturns: Uint32Array;
  private readonly openFunctions: Uint32Array;
  private height = 0;

  constructor(rows: number, functionCount: number, most: number) {
    this.nodes = new Uint32Array(most);
    this.functions = new Uint32Array(most);
    this.returnRows = new Uint32Array(most);
    this.openReturns = new Uint32Array(rows);
    this.openFunctions = new Uint32Array(functionCount);
  }

  push(node: number, caller: number, returnRow: number): void {
    if (this.height === this.nodes.length) this.forgetOldest();
    this.nodes[this.height] = node;
    this.functions[this.height] = caller;
    this.returnRows[this.height] = returnRow;
    this.height++;
    (this.openReturns[returnRow] as number)++;
    (this.openFunctions[caller] as number)++;
  }

  /** Drops the calls down to the youngest that returns to `row`: its caller's node, or -1. */
  popReturn(row: number): number {
    return this.openReturns[row] === 0 ? -1 : this.popUntil(this.returnRows, row);
  }

  /** Drops the calls down to the youngest made by `target`: its node, or -1. */
  popFunction(target: number): number {
    return this.openFunctions[target] === 0 ? -1 : this.popUntil(this.functions, target);
  }

  private popUntil(key: Uint32Array, wanted: number): number {
    while (this.height > 0) {
      this.height--;
      this.close(this.height);
      if (key[this.height] === wanted) return this.nodes[this.height] as number;
    }
    return -1;
  }

  private close(index: number): void {
    (this.openReturns[this.returnRows[index] as number] as number)--;
    (this.openFunctions[this.functions[index] as number] as number)--;
  }

  private forgetOldest(): void {
    const half = (this.nodes.length + 1) >>> 1;
    for (let index = 0; index < half; index++) this.close(index);
    for (const column of [this.nodes, this.functions, this.returnRows]) column.copyWithin(0, half);
    this.height -= half;
  }
}

function summarise(
  tree: CallTree,
  names: readonly { readonly name: string; readonly address: number }[],
  cycles: number,
): Profile {
  const count = tree.functions.length;
  const totals = tree.self.slice();
  // A child's index is larger than its parent's.
  for (let node = count - 1; node >= 0; node--) {
    const parent = tree.parentOf(node);
    if (parent >= 0) totals[parent] = (totals[parent] ?? 0) + (totals[node] ?? 0);
  }
  const nodes = tree.functions.map((target, node) => ({
    function: target,
    parent: tree.parentOf(node),
    self: tree.self[node] ?? 0,
    total: totals[node] ?? 0,
    calls: tree.calls[node] ?? 0,
  }));
  const functions = names.map((name) => ({ ...name, self: 0, total: 0, calls: 0 }));
  for (const node of nodes) {
    const sum = functions[node.function];
    if (sum === undefined) continue;
    sum.self += node.self;
    sum.calls += node.calls;
    if (isOutermost(nodes, node)) sum.total += node.total;
  }
  return { cycles, functions, nodes };
}

/** No caller on the node's path is the same function. */
function isOutermost(nodes: readonly ProfileNode[], node: ProfileNode): boolean {
  for (let at = nodes[node.parent]; at !== undefined; at = nodes[at.parent]) {
    if (at.function === node.function) return false;
  }
  return true;
}
