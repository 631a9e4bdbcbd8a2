import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SDK_FOLDER } from '../../guests/compile.ts';
import { manifestText, readGuestElf, readManifest } from '../../guests/manifest.ts';
import { generatedSdkFiles } from '../../guests/sdk-files.ts';
import { repositoryPath } from '../tools/paths.ts';

const manifest = await readManifest();

describe('guests.json', () => {
  it('states the SHA-256 of every committed ELF', async () => {
    for (const guest of manifest.guests) {
      const hash = createHash('sha256').update(await readGuestElf(guest));
      assert.equal(hash.digest('hex'), guest.sha256, guest.name);
    }
  });

  it('lists every ELF in the folder of guests', async () => {
    const files = await readdir(repositoryPath('guests'), { recursive: true });
    const found = files.filter((file) => file.endsWith('.elf')).map((file) => join('guests', file));
    const listed = manifest.guests.map((guest) => guest.elf);
    assert.deepEqual(found.sort(), listed.sort());
  });

  it('names every guest once', () => {
    const names = manifest.guests.map((guest) => guest.name);
    assert.equal(new Set(names).size, names.length);
  });

  it('has the form in which the build writes it', async () => {
    const text = await readFile(repositoryPath('guests', 'guests.json'), 'utf8');
    assert.equal(manifestText(manifest), text);
  });
});

describe('The generated files of the SDK', () => {
  for (const { name, content } of generatedSdkFiles()) {
    it(`${name} follows from the memory map`, async () => {
      assert.equal(await readFile(join(SDK_FOLDER, name), 'utf8'), content);
    });
  }
});
