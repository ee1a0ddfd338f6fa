import { existsSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { lockFile } from '../../source/settings/file-lock.js';

test('a lock that finds no room on the disk is not left behind: the next change waits for nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'virtdeck-lock-'));
  const path = join(folder, 'config.yaml.lock');
  const some = await open(join(folder, 'some'), 'w');
  const write = vi.spyOn(Object.getPrototypeOf(some), 'writeFile');
  write.mockRejectedValueOnce(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
  await expect(lockFile(path)).rejects.toThrow('ENOSPC');
  expect(existsSync(path)).toBe(false);
  await (await lockFile(path)).release();
  write.mockRestore();
  await some.close();
  await rm(folder, { recursive: true });
});
