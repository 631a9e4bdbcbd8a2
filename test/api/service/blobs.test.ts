import assert from 'node:assert/strict';
import * as nodeFiles from 'node:fs/promises';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type BlobEntry, Blobs, digestOf, type FilePort } from '../../../api/service/blobs.ts';
import { processSeed, Random } from '../../tools/random.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Blobs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vouch-blobs-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (most = 1e9, files?: FilePort): Promise<Blobs> => Blobs.open(folder, most, files);
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2));

  it('are found by the SHA-256 of their contents', async () => {
    const blobs = await open();
    const sha256 = await blobs.put(bytes('abc'));
    // FIPS 180-4, example of SHA-256.
    assert.equal(sha256, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    assert.deepEqual(await blobs.get(sha256), bytes('abc'));
    assert.equal(await blobs.get(digestOf(bytes('abd'))), undefined);
    assert.ok(await blobs.use(sha256));
    for (const wrong of ['', '../../etc/passwd', sha256.toUpperCase(), `${sha256}0`]) {
      assert.equal(await blobs.get(wrong), undefined);
      assert.ok(!(await blobs.use(wrong)));
    }
  });

  it('are stored once, counted, and counted anew by the next process', async () => {
    const blobs = await open();
    await Promise.all([1, 2, 3].map(() => blobs.put(bytes('abc'))));
    const empty = await blobs.put(new Uint8Array(0));
    assert.deepEqual(await blobs.get(empty), new Uint8Array(0));
    await blobs.recount();
    assert.equal(blobs.bytes, 3);
    assert.equal((await open()).bytes, 3);
    await blobs.remove(digestOf(bytes('abc')));
    await blobs.remove(digestOf(bytes('abc')));
    assert.equal(blobs.bytes, 0);
  });

  it('are listed with the time of their last use', async () => {
    const blobs = await open();
    const sha256 = await blobs.put(bytes('abc'));
    await utimes(pathOf(sha256), 1000, 1000);
    const entries = async (): Promise<BlobEntry[]> => {
      const found: BlobEntry[] = [];
      for await (const entry of blobs.entries()) found.push(entry);
      return found;
    };
    assert.deepEqual(await entries(), [{ sha256, bytes: 3, usedAt: 1_000_000 }]);
    await blobs.put(bytes('abc'));
    assert.ok(((await entries())[0]?.usedAt ?? 0) > 1_000_000);
  });

  it('are refused beyond the quota', async () => {
    const blobs = await open(10);
    await blobs.put(bytes('12345678'));
    await assert.rejects(blobs.put(bytes('abc')), { name: 'ServiceError', code: 'storage/full' });
    await blobs.put(bytes('12345678'));
    await blobs.put(bytes('ab'));
    assert.equal(blobs.bytes, 10);
  });

  it('are refused beyond the quota by what is being written, too', async () => {
    const blobs = await open(10);
    const both = await Promise.allSettled(
      ['123456', 'abcdef'].map((each) => blobs.put(bytes(each))),
    );
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal(blobs.bytes, 6);
  });

  it('have the room that other processes have made', async () => {
    let counts = 0;
    const readdir = (path: string): Promise<string[]> => {
      if (path.endsWith('/00')) counts++;
      return nodeFiles.readdir(path);
    };
    const worker = await open(10, { ...nodeFiles, readdir } as unknown as FilePort);
    const sha256 = await worker.put(bytes('12345678'));
    await (await open(10)).remove(sha256);
    await worker.put(bytes('abcdefgh'));
    assert.equal(worker.bytes, 8);
    const refused = { name: 'ServiceError', code: 'storage/full' };
    for (let i = 0; i < 3; i++) await assert.rejects(worker.put(bytes(`${i} too many`)), refused);
    assert.equal(counts, 2, 'once at the start, once in a minute');
  });

  it('are removed unless they were used since they were listed, at whatever moment', async () => {
    let use = async (): Promise<unknown> => undefined;
    const rename = async (from: string, to: string): Promise<void> => {
      await use();
      await nodeFiles.rename(from, to);
    };
    const janitor = await open(1e9, { ...nodeFiles, rename } as unknown as FilePort);
    const server = await open();
    const sha256 = await server.put(bytes('abc'));
    const old = { sha256, bytes: 3, usedAt: 1_000_000 };
    const isKept = async (): Promise<boolean> => {
      await utimes(pathOf(sha256), 1000, 1000);
      await janitor.removeUnused(old);
      assert.deepEqual(await readdir(join(folder, 'new')), []);
      return (await server.get(sha256)) !== undefined;
    };
    for (const again of [() => server.use(sha256), () => server.put(bytes('abc'))]) {
      use = again;
      assert.ok(await isKept());
    }
    await janitor.removeUnused(old);
    assert.ok((await server.get(sha256)) !== undefined);
    use = () => Promise.resolve();
    assert.ok(!(await isKept()));
    await janitor.removeUnused(old);
  });

  it('come back when the process that was removing them ends, without what was being written', async () => {
    const sha256 = await (await open()).put(bytes('abc'));
    await nodeFiles.rename(pathOf(sha256), join(folder, 'new', `${sha256}.x`));
    for (const name of ['of-now', 'of-old']) await writeFile(join(folder, 'new', name), 'x');
    await utimes(join(folder, 'new', 'of-old'), 1000, 1000);
    assert.deepEqual(await (await open()).get(sha256), bytes('abc'));
    assert.deepEqual(await readdir(join(folder, 'new')), ['of-now']);
  });

  it('are probed with a file that comes to the disk, once in a while', async () => {
    const calls: string[] = [];
    const blobs = await open(1e9, recording(calls));
    calls.length = 0;
    await Promise.all([blobs.probe(), blobs.probe()]);
    await blobs.probe();
    assert.deepEqual(calls, ['write new', 'sync new']);
    assert.deepEqual(await readdir(join(folder, 'new')), []);
    const other = await open();
    await rm(join(folder, 'new'), { recursive: true });
    await assert.rejects(other.probe(), { name: 'StorageError', code: 'storage/file' });
  });

  it('are not believed when their file is damaged, and mended when they come again', async () => {
    const blobs = await open(4);
    const sha256 = await blobs.put(bytes('abc'));
    for (const damaged of ['abd', 'a', 'abcd']) {
      await writeFile(pathOf(sha256), damaged);
      await assert.rejects(blobs.get(sha256), { name: 'StorageError', code: 'storage/damaged' });
      await blobs.recount();
      await blobs.put(bytes('abc'));
      assert.deepEqual(await blobs.get(sha256), bytes('abc'));
      assert.equal(blobs.bytes, 3);
    }
  });

  it('are there whole or not at all when the disk is full or the process ends in any call', async () => {
    const seed = processSeed();
    const random = new Random(seed);
    for (const code of ['ENOSPC', 'EIO', 'torn']) {
      for (let calls = 0; ; calls++) {
        const contents = bytes(`${code} ${calls} ${random.below(2 ** 30)}`);
        const port = failing(code, calls);
        const blobs = await open().then(() => open(1e9, port.files));
        const expected = code === 'ENOSPC' ? 'storage/full' : 'storage/file';
        port.arm();
        const stored = await blobs.put(contents).catch((error: { readonly code: string }) => {
          assert.equal(error.code, expected, `VOUCH_SEED=${seed}, ${code} in call ${calls}`);
          return undefined;
        });
        assert.deepEqual(await readdir(join(folder, 'new')), []);
        const after = await open();
        const found = await after.get(digestOf(contents));
        if (stored !== undefined || found !== undefined) assert.deepEqual(found, contents);
        if (port.failures() === 0) {
          assert.ok(stored !== undefined && calls >= 4);
          break;
        }
        assert.equal(stored, undefined);
      }
    }
  });

  it('are on the disk before they are acknowledged: file, then name', async () => {
    const calls: string[] = [];
    const blobs = await open(1e9, recording(calls));
    assert.deepEqual(
      calls.map((call) => call.replace('sync ', '')),
      [basename(folder), basename(dirname(folder))],
    );
    calls.length = 0;
    const sha256 = await blobs.put(bytes('abc'));
    const order = calls.filter((call) => /write|sync|rename/.test(call));
    assert.deepEqual(order, ['write new', 'sync new', 'rename', `sync ${sha256.slice(0, 2)}`]);
    assert.equal(await readFile(pathOf(sha256), 'utf8'), 'abc');
    // Another process may not have come so far with the name.
    for (const again of [() => blobs.put(bytes('abc')), () => blobs.use(sha256)]) {
      calls.length = 0;
      await again();
      assert.deepEqual(calls, [`sync ${sha256.slice(0, 2)}`]);
    }
  });
});

/** Files whose n-th call of those that `put` makes fails; a torn write leaves a part behind. */
function failing(
  code: string,
  at: number,
): { readonly files: FilePort; arm(): void; failures(): number } {
  let [armed, calls, failed] = [false, 0, 0];
  const guard = async <T>(task: () => Promise<T>): Promise<T> => {
    if (!armed || calls++ !== at) return await task();
    failed++;
    throw Object.assign(new Error('planted'), { code: code === 'torn' ? 'EIO' : code });
  };
  const open = async (path: string, flags: string): Promise<object> => {
    const handle = await guard(() => nodeFiles.open(path, flags));
    return {
      writeFile: async (data: Uint8Array): Promise<void> =>
        await guard(() => handle.writeFile(data)).catch(async (error) => {
          if (code === 'torn') await handle.writeFile(data.subarray(0, data.length >> 1));
          throw error;
        }),
      sync: () => guard(() => handle.sync()),
      close: () => handle.close(),
    };
  };
  const rename = (from: string, to: string): Promise<void> =>
    guard(() => nodeFiles.rename(from, to));
  return {
    files: { ...nodeFiles, open, rename } as unknown as FilePort,
    arm: () => {
      armed = true;
    },
    failures: () => failed,
  };
}

/** Files that write down what is done to which folder. */
function recording(calls: string[]): FilePort {
  const open = async (path: string, flags: string): Promise<object> => {
    const handle = await nodeFiles.open(path, flags);
    const where = path.includes('/new/') ? 'new' : (path.split('/').at(-1) ?? '');
    return {
      writeFile: (data: Uint8Array): Promise<void> => {
        calls.push(`write ${where}`);
        return handle.writeFile(data);
      },
      sync: (): Promise<void> => {
        calls.push(`sync ${where}`);
        return handle.sync();
      },
      close: () => handle.close(),
    };
  };
  const rename = (from: string, to: string): Promise<void> => {
    calls.push('rename');
    return nodeFiles.rename(from, to);
  };
  return { ...nodeFiles, open, rename } as unknown as FilePort;
}
