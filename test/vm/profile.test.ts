import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Profile, Profiler, type ProfilerBounds } from '../../vm/profile.ts';
import { collapsedStacks, profileTable, speedscope } from '../../vm/profile-formats.ts';
import type { Program } from '../../vm/program.ts';
import {
  at,
  call,
  callRegister,
  handMadeProgram,
  handMadeSegment,
  jump,
  jumpRegister,
  ret,
  step,
} from '../tools/hand-made-record.ts';

/** `main/2` is the third instruction of main. */
function trace(program: Program, text: string): number[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [name = '', instruction = '0'] = word.split('/');
      return at(program, name, Number(instruction));
    });
}

function profile(program: Program, text: string, bounds?: ProfilerBounds): Profile {
  const profiler = new Profiler(program, bounds);
  profiler.add(handMadeSegment(trace(program, text)));
  return profiler.finish();
}

/** The profile's stacks, sorted. */
function stacks(found: Profile): string[] {
  return collapsedStacks(found).trim().split('\n').sort();
}

function byName(found: Profile, name: string): { self: number; total: number; calls: number } {
  const { self, total, calls } = found.functions.find((one) => one.name === name) ?? assert.fail();
  return { self, total, calls };
}

describe('profile', () => {
  it('attributes cycles to the functions of a call tree', () => {
    const program = handMadeProgram({
      main: [step, call, step, callRegister, step, ret],
      f: [step, call, ret],
      g: [step, ret],
    });
    const found = profile(
      program,
      'main/0 main/1 f/0 f/1 g/0 g/1 f/2 main/2 main/3 g/0 g/1 main/4 main/5',
    );
    assert.deepEqual(stacks(found), ['main 6', 'main;f 3', 'main;f;g 2', 'main;g 2']);
    assert.deepEqual(byName(found, 'main'), { self: 6, total: 13, calls: 1 });
    assert.deepEqual(byName(found, 'f'), { self: 3, total: 5, calls: 1 });
    assert.deepEqual(byName(found, 'g'), { self: 4, total: 4, calls: 2 });
    assert.equal(found.cycles, 13);
  });

  it('gives the same result wherever the record is cut into segments', () => {
    const program = handMadeProgram({
      main: [step, call, step, call, ret],
      f: [step, call, ret],
      g: [step, ret],
    });
    const text = 'main/0 main/1 f/0 f/1 g/0 g/1 f/2 main/2 main/3 g/0 g/1 main/4';
    const addresses = trace(program, text);
    const whole = profile(program, text);
    for (let cut = 0; cut <= addresses.length; cut++) {
      const profiler = new Profiler(program);
      profiler.add(handMadeSegment(addresses.slice(0, cut)));
      profiler.add(handMadeSegment(addresses.slice(cut)));
      assert.deepEqual(profiler.finish(), whole, `cut at ${cut}`);
    }
  });

  it('counts recursion once in the total', () => {
    const program = handMadeProgram({ main: [call, ret], f: [step, call, step, ret] });
    const found = profile(program, 'main/0 f/0 f/1 f/0 f/1 f/0 f/3 f/2 f/3 f/2 f/3 main/1');
    assert.deepEqual(stacks(found), ['main 2', 'main;f 4', 'main;f;f 4', 'main;f;f;f 2']);
    assert.deepEqual(byName(found, 'f'), { self: 10, total: 10, calls: 3 });
  });

  it('shows a tail call as a call by the caller', () => {
    const program = handMadeProgram({ main: [call, step, ret], f: [step, jump], g: [step, ret] });
    const found = profile(program, 'main/0 f/0 f/1 g/0 g/1 main/1 main/2');
    assert.deepEqual(stacks(found), ['main 3', 'main;f 2', 'main;g 2']);
    assert.equal(byName(found, 'g').calls, 1);
  });

  it('shows a tail call through a register as a call by the caller', () => {
    const program = handMadeProgram({
      main: [call, step, ret],
      f: [step, jumpRegister],
      g: [step, ret],
    });
    const found = profile(program, 'main/0 f/0 f/1 g/0 g/1 main/1 main/2');
    assert.deepEqual(stacks(found), ['main 3', 'main;f 2', 'main;g 2']);
  });

  it('keeps switch tables and loops inside their function', () => {
    const program = handMadeProgram({ main: [call, ret], f: [jumpRegister, step, jump, ret] });
    const found = profile(program, 'main/0 f/0 f/1 f/2 f/0 f/3 main/1');
    assert.deepEqual(stacks(found), ['main 2', 'main;f 5']);
    assert.equal(byName(found, 'f').calls, 1);
  });

  it('does not count a way into a part that the compiler moved away as a call', () => {
    const program = handMadeProgram({
      main: [call, step, ret],
      f: [step, jump, step, ret],
      'f.cold': [step, step, jump],
    });
    const found = profile(program, 'main/0 f/0 f/1 f.cold/1 f.cold/2 f/2 f/3 main/1 main/2');
    assert.deepEqual(stacks(found), ['main 3', 'main;f 4', 'main;f.cold 2']);
    assert.equal(byName(found, 'f').calls, 1);
    assert.equal(byName(found, 'f.cold').calls, 0);
  });

  it('unwinds to the function where longjmp lands', () => {
    const program = handMadeProgram({
      main: [call, step, ret],
      f: [call, step, call, step, ret],
      setjmp: [step, ret],
      g: [call, ret],
      h: [call, ret],
      longjmp: [step, ret],
    });
    const found = profile(
      program,
      `main/0 f/0 setjmp/0 setjmp/1 f/1 f/2 g/0 h/0 longjmp/0 longjmp/1 f/1 f/3 f/4 main/1 main/2`,
    );
    assert.deepEqual(stacks(found), [
      'main 3',
      'main;f 6',
      'main;f;g 1',
      'main;f;g;h 1',
      'main;f;g;h;longjmp 2',
      'main;f;setjmp 2',
    ]);
  });

  it('goes on after a return that no call matches', () => {
    const program = handMadeProgram({
      main: [call, step, call, ret],
      f: [step, ret],
      g: [step, step, ret],
    });
    // f returns into the middle of g, which nobody has called; g returns to main.
    const found = profile(program, 'main/0 f/0 f/1 g/1 g/2 main/1 main/2 f/0 f/1 main/3');
    assert.deepEqual(stacks(found), ['main 4', 'main;f 4', 'main;g 2']);
  });

  it('survives a return from the outermost function', () => {
    const program = handMadeProgram({ main: [step, ret], other: [step, step, ret] });
    const found = profile(program, 'main/0 main/1 other/1 other/2 main/0');
    assert.deepEqual(stacks(found), ['main 3', 'other 2']);
  });

  it('returns past calls that were left open', () => {
    const program = handMadeProgram({
      main: [call, step, ret],
      f: [call, ret],
      g: [call, ret],
      h: [step, ret],
    });
    // h returns straight to main.
    const found = profile(program, 'main/0 f/0 g/0 h/0 h/1 main/1 main/2');
    assert.deepEqual(stacks(found), ['main 3', 'main;f 1', 'main;f;g 1', 'main;f;g;h 2']);
  });

  it('names code without a symbol', () => {
    const program = handMadeProgram({ main: [call, ret], f: [step, ret] });
    const stripped = { ...program, symbols: handMadeProgram({}).symbols };
    const profiler = new Profiler(stripped);
    profiler.add(handMadeSegment(trace(program, 'main/0 f/0 f/1 main/1')));
    const found = profiler.finish();
    assert.deepEqual(stacks(found), ['(no_symbol) 2', '(no_symbol);(no_symbol) 2']);
  });

  it('folds recursion deeper than the bound and loses no cycle', () => {
    const program = handMadeProgram({ main: [call, ret], f: [step, call, step, ret] });
    const depth = 5000;
    const down = 'f/0 f/1 '.repeat(depth);
    const up = 'f/2 f/3 '.repeat(depth);
    const found = profile(program, `main/0 ${down} f/0 f/3 ${up} main/1`, { depth: 16 });
    assert.equal(found.nodes.length, 16);
    assert.equal(found.cycles, 4 * depth + 4);
    assert.deepEqual(byName(found, 'f'), {
      self: 4 * depth + 2,
      total: 4 * depth + 2,
      calls: depth + 1,
    });
    assert.deepEqual(byName(found, 'main'), { self: 2, total: 4 * depth + 4, calls: 1 });
  });

  it('forgets the oldest calls when too many are open', () => {
    const program = handMadeProgram({ main: [call, ret], f: [step, call, step, ret] });
    const text = `main/0 ${'f/0 f/1 '.repeat(1000)} f/0 f/3 ${'f/2 f/3 '.repeat(1000)} main/1`;
    const found = profile(program, text, { frames: 64 });
    assert.equal(byName(found, 'f').self + byName(found, 'main').self, found.cycles);
  });

  it('gathers the calls beyond the largest tree', () => {
    const program = handMadeProgram({
      main: [call, call, call, ret],
      f: [call, call, ret],
      g: [step, ret],
    });
    const found = profile(
      program,
      'main/0 f/0 g/0 g/1 f/2 main/1 g/0 g/1 main/2 f/0 g/0 g/1 f/2 main/3',
      { nodes: 3 },
    );
    assert.deepEqual(stacks(found), ['(further_calls);g 2', 'main 4', 'main;f 4', 'main;f;g 4']);
    assert.equal(byName(found, 'main').self, 4);
  });

  it('accounts for every cycle of any walk, with small bounds too', () => {
    const rows = [step, call, ret, jump, jumpRegister, callRegister, step, ret];
    const program = handMadeProgram({ a: rows, b: rows, c: rows, d: rows });
    const walk = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(7)), {
      minLength: 1,
      maxLength: 300,
    });
    const bounds = fc.record({
      nodes: fc.integer({ min: 1, max: 20 }),
      depth: fc.integer({ min: 1, max: 6 }),
      frames: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(walk, bounds, (steps, limits) => {
        const profiler = new Profiler(program, limits);
        profiler.add(handMadeSegment(steps.map(([name, row]) => at(program, name, row))));
        const found = profiler.finish();
        for (const name of ['a', 'b', 'c', 'd']) {
          const expected = steps.filter(([visited]) => visited === name).length;
          const actual = found.functions.find((one) => one.name === name)?.self ?? 0;
          assert.equal(actual, expected, name);
        }
        const outermost = found.nodes.filter((node) => node.parent < 0);
        assert.equal(
          outermost.reduce((sum, node) => sum + node.total, 0),
          steps.length,
        );
        assert.ok(found.nodes.length <= limits.nodes + 5 + limits.depth);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });
});

describe('profile formats', () => {
  const program = handMadeProgram({
    main: [step, call, step, call, ret],
    f: [step, call, ret],
    'operator new;x y': [step, ret],
  });
  const g = 'operator new;x y';
  const addresses = [
    ...trace(program, 'main/0 main/1 f/0 f/1'),
    at(program, g, 0),
    at(program, g, 1),
    ...trace(program, 'f/2 main/2 main/3'),
    at(program, g, 0),
    at(program, g, 1),
    ...trace(program, 'main/4'),
  ];
  const profiler = new Profiler(program);
  profiler.add(handMadeSegment(addresses));
  const found = profiler.finish();

  it('keeps the separator of collapsed stacks out of names', () => {
    assert.deepEqual(stacks(found), [
      'main 5',
      'main;f 3',
      'main;f;operator_new_x_y 2',
      'main;operator_new_x_y 2',
    ]);
  });

  it('writes speedscope events that nest and cover every cycle', () => {
    const file = speedscope(found, 'hello.elf');
    const [only] = file.profiles;
    assert.ok(only);
    assert.equal(only.endValue, addresses.length);
    const open: number[] = [];
    const self = new Map<string, number>();
    let last = 0;
    for (const event of only.events) {
      assert.ok(event.at >= last);
      const top = open.at(-1);
      if (top !== undefined) {
        const name = file.shared.frames[top]?.name ?? '';
        self.set(name, (self.get(name) ?? 0) + event.at - last);
      } else {
        assert.equal(event.at, last);
      }
      last = event.at;
      if (event.type === 'O') open.push(event.frame);
      else assert.equal(open.pop(), event.frame);
    }
    assert.deepEqual(open, []);
    assert.equal(last, only.endValue);
    assert.deepEqual(Object.fromEntries(self), { main: 5, f: 3, [g]: 4 });
  });

  it('lists the functions with the most cycles first', () => {
    const lines = profileTable(found, 2).trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? '', /self.*total.*calls.*function/);
    assert.match(lines[1] ?? '', /^\s*5\s+41\.7%\s+12\s+100\.0%\s+1\s+main$/);
    assert.match(lines[2] ?? '', /^\s*4\s+33\.3%\s+4\s+33\.3%\s+2\s+operator new;x y$/);
  });
});
