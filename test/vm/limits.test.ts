import { strict as assert } from 'node:assert';
import { LimitError, OptionError } from '../../vm/errors.ts';
import { DATA_START, DEBUG_PRINT_HINT } from '../../vm/memory-map.ts';
import type { Assembler } from '../tools/assembler.ts';
import * as asm from '../tools/assembler.ts';
import { commit, halt, runCode } from '../tools/guest-program.ts';

describe('The end of a run', () => {
  for (const code of [0, 1, 2, 127, 255, 256, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    it(`exit code ${code} is reported as it is`, async () => {
      const execution = await runCode((x) => halt(x, code, 0));
      assert.deepEqual(execution.outcome, { kind: 'exit', code });
    });
  }

  for (const length of [1, 2, 3, 4]) {
    it(`a journal of ${length} bytes is one word, padded with zeros`, async () => {
      const word = 0x8182_8384 >>> (8 * (4 - length));
      const execution = await runCode((x) => {
        commit(x.li(5, word), 5).li(10, 0).li(11, length).hostCall(1);
      });
      assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
      const expected = Array.from({ length }, (_, i) => (word >>> (8 * i)) & 0xff);
      assert.deepEqual([...execution.journal], expected);
    });
  }

  it('nothing runs after HALT', async () => {
    const execution = await runCode((x) => halt(x, 5, 0).put(asm.ebreak));
    assert.deepEqual(execution.outcome, { kind: 'exit', code: 5 });
    assert.equal(execution.cycles, 4);
  });
});

const forever = (x: Assembler): Assembler => x.put(asm.jal(0, 0));
/** Stores to one word of each page, upwards from DATA_START, without end. */
const touchPages = (x: Assembler): Assembler =>
  x
    .li(5, DATA_START)
    .put(asm.lui(6, 1))
    .put(asm.sw(0, 0, 5), asm.add(5, 5, 6), asm.jal(0, -8));

describe('Limits', () => {
  const isLimit = (code: string, limit: number) => (error: unknown) => {
    assert.ok(error instanceof LimitError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.limit, limit);
    assert.ok(error.message.length > 0 && error.remedy.length > 0);
    return true;
  };

  for (const cycles of [1, 1000, 5_000_001]) {
    it(`an infinite loop stops at the limit of ${cycles} cycles`, async () => {
      const run = runCode(forever, {}, { limits: { cycles } });
      await assert.rejects(run, isLimit('limit/cycles', cycles));
    });
  }

  it('a run of exactly the allowed cycles ends, one cycle fewer does not', async () => {
    const code = (x: Assembler): Assembler => halt(x.put(asm.c_nop), 0, 0);
    const execution = await runCode(code, {}, { limits: { cycles: 5 } });
    assert.deepEqual(execution.outcome, { kind: 'exit', code: 0 });
    assert.equal(execution.cycles, 5);
    const shorter = runCode(code, {}, { limits: { cycles: 4 } });
    await assert.rejects(shorter, isLimit('limit/cycles', 4));
  });

  it('a trap that comes with the last allowed cycle is a trap', async () => {
    const code = (x: Assembler): Assembler => x.put(asm.c_nop, asm.ebreak);
    const execution = await runCode(code, {}, { limits: { cycles: 2 } });
    assert.equal(execution.outcome.kind, 'trap');
  });

  it('memory is limited to the pages allowed', async () => {
    const memoryBytes = 1 << 20;
    const run = runCode(touchPages, {}, { limits: { memoryBytes } });
    await assert.rejects(run, isLimit('limit/memory', memoryBytes));
  });

  it('the default memory limit stops a program that touches everything', async () => {
    await assert.rejects(runCode(touchPages), isLimit('limit/memory', 512 * 2 ** 20));
  });

  it('the journal is limited to 16 MiB', async () => {
    const words = 2 ** 22;
    const write = (count: number) => (x: Assembler) => {
      x.li(17, 2)
        .li(5, count)
        .label('loop')
        .put(asm.ecall, asm.addi(5, 5, -1));
      x.refer('loop', 4, (offset) => asm.bne(5, 0, offset));
      halt(x, 0, words);
    };
    const execution = await runCode(write(words));
    assert.equal(execution.journal.length, 4 * words);
    await assert.rejects(runCode(write(words + 1)), isLimit('limit/journal', 4 * words));
  });

  it('an input larger than its region is refused', async () => {
    const tooLarge = new Uint8Array(0x0100_0000 - 3);
    const code = (x: Assembler): Assembler => halt(x, 0, 0);
    const limit = 0x00ff_fffc;
    const asPublic = runCode(code, {}, { publicInput: tooLarge });
    await assert.rejects(asPublic, isLimit('limit/public-input', limit));
    const asPrivate = runCode(code, {}, { privateInput: tooLarge });
    await assert.rejects(asPrivate, isLimit('limit/private-input', limit));
  });

  it('an input that is no Uint8Array is refused', async () => {
    const code = (x: Assembler): Assembler => halt(x, 0, 0);
    const input = 'text' as unknown as Uint8Array;
    await assert.rejects(runCode(code, {}, { publicInput: input }), OptionError);
    await assert.rejects(runCode(code, {}, { privateInput: input }), OptionError);
  });

  it('the largest input is readable to its last byte', async () => {
    const input = new Uint8Array(0x00ff_fffc);
    input[input.length - 1] = 0x5a;
    for (const start of [0x2000_0000, 0x3000_0000]) {
      const options = start === 0x2000_0000 ? { publicInput: input } : { privateInput: input };
      const execution = await runCode(
        (x) => halt(commit(x.li(5, start + 0x00ff_ffff).put(asm.lbu(6, 0, 5)), 6), 0, 1),
        {},
        options,
      );
      assert.deepEqual([...execution.journal], [0x5a, 0, 0, 0]);
    }
  });

  for (const cycles of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    it(`a cycle limit of ${cycles} is refused`, async () => {
      await assert.rejects(runCode(forever, {}, { limits: { cycles } }), OptionError);
    });
  }

  it('an abort signal stops a run', async () => {
    const controller = new AbortController();
    const reason = new Error('no longer needed');
    const timer = setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(runCode(forever, {}, { signal: controller.signal }), reason);
    clearTimeout(timer);
  });

  it('an abort signal stops a program that does nothing but print long texts', async () => {
    const controller = new AbortController();
    const reason = new Error('seen enough');
    const data = new Uint8Array(100_000).fill(0x61);
    const code = (x: Assembler): Assembler =>
      x.li(10, DATA_START).put(asm.slti(0, 0, DEBUG_PRINT_HINT), asm.jal(0, -4));
    let printed = 0;
    const onDebug = (text: string): void => {
      assert.equal(text.length, 0x1_0000);
      printed++;
    };
    const run = runCode(code, { data }, { signal: controller.signal, onDebug });
    setImmediate(() => controller.abort(reason));
    await assert.rejects(run, reason);
    assert.ok(printed > 0 && printed <= 100, `${printed} texts before the run stopped`);
  });

  it('an aborted signal stops a run before it begins', async () => {
    const reason = new Error('too late');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(
      runCode((x) => halt(x, 0, 0), {}, { signal }),
      reason,
    );
  });
});
