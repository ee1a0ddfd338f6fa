import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { updateSettings } from '../../source/settings/update-settings.js';
import { temporaryDirectories } from './temporary.js';

const temporary = temporaryDirectories();

let failing: 'rename' | 'write' | undefined;
const noSpace = () => Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async rename(...args: Parameters<typeof real.rename>) {
      if (failing === 'rename') throw noSpace();
      return real.rename(...args);
    },
    async open(...args: Parameters<typeof real.open>) {
      const handle = await real.open(...args);
      if (failing === 'write' && String(args[0]).endsWith('.tmp')) {
        // As a full disk does: a part of the text gets there.
        handle.writeFile = async () => {
          await handle.write('inter');
          throw noSpace();
        };
      }
      return handle;
    },
  };
});

afterEach(() => {
  failing = undefined;
});

test.each(['rename', 'write'] as const)(
  'a %s that fails leaves the old file, and nothing else',
  async (step) => {
    const directory = await temporary();
    const path = join(directory, 'config.yaml');
    await writeFile(path, 'interval: 3\n');
    const before = await stat(path);
    failing = step;
    await expect(updateSettings(path, (settings) => ({ ...settings, interval: 4 }))).rejects.toMatchObject({
      name: 'SettingsError',
      kind: 'write',
      message: `${path} cannot be written: no space left on the device`,
    });
    expect(await readFile(path, 'utf8')).toBe('interval: 3\n');
    expect((await stat(path)).ino).toBe(before.ino);
    expect(await readdir(directory)).toEqual(['config.yaml']);
  },
);
