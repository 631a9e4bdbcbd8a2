import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { buildGuest, compilerMismatch } from '../../guests/build.ts';
import { readManifest } from '../../guests/manifest.ts';
import { withFolder } from './support.ts';

const manifest = await readManifest();
const mismatch = await compilerMismatch(manifest);

describe('The build of the guests', () => {
  if (mismatch === undefined) {
    it('gives the committed bytes with the pinned compiler', async function () {
      this.timeout(300_000);
      await withFolder(async (folder) => {
        for (const guest of manifest.guests) {
          const hash = await buildGuest(guest, join(folder, `${guest.name}.elf`));
          assert.equal(hash, guest.sha256, guest.name);
        }
      });
    });
  }

  it('says that another compiler version cannot give the committed bytes', async () => {
    const pinned = { ...manifest, compiler: { ...manifest.compiler, version: '0.0.1' } };
    const problem = await compilerMismatch(pinned);
    assert.match(problem ?? '', /pinned to 0\.0\.1|no RISC-V C compiler found/);
  });
});
