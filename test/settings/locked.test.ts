import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { updateSettings } from '../../source/settings/update-settings.js';
import { ownText } from '../../source/state/lock-owner.js';
import { temporaryDirectories } from './temporary.js';

const temporary = temporaryDirectories();

vi.mock('../../source/state/file-lock.js', async (original) => {
  const real = await original<typeof import('../../source/state/file-lock.js')>();
  return { ...real, lockFile: (path: string) => real.lockFile(path, { patience: 30 }) };
});

test('settings that a living process keeps locked are told as that, and by whom', async () => {
  const path = join(await temporary(), 'config.yaml');
  await writeFile(`${path}.lock`, await ownText());
  await expect(updateSettings(path, (settings) => ({ ...settings, interval: 4 }))).rejects.toMatchObject({
    name: 'SettingsError',
    kind: 'locked',
    message: `process ${process.pid} keeps ${path}.lock locked; if it does not run, remove that file`,
  });
});
