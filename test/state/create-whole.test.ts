import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createWhole } from '../../source/state/create-whole.js';
import { onFullDisk } from './tiny-disk.js';

vi.mock('node:fs/promises', { spy: true });

const failure = (code: string) => Object.assign(new Error(code), { code });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-whole-'));
});
afterEach(async () => {
  vi.resetAllMocks();
  await rm(folder, { recursive: true, force: true });
});

test('of many that make a file one has made it, and nothing lies beside it', async () => {
  const path = join(folder, 'a.lock');
  const made = await Promise.all(Array.from({ length: 8 }, (_, index) => createWhole(path, `${index}`)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await readFile(path, 'utf8')).toBe(`${made.indexOf(true)}`);
  expect(await readdir(folder)).toEqual(['a.lock']);
});

test('on a full disk nothing stays', async ({ skip }) => {
  const mounted = await onFullDisk(folder, async () => {
    await expect(createWhole(join(folder, 'a.lock'), 'who')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await readdir(folder)).sort()).toEqual(['fill', 'old']);
  });
  if (!mounted) skip('no file system can be mounted here');
});

describe('where the file system has no hard links', () => {
  beforeEach(() => {
    vi.mocked(link).mockRejectedValue(failure('EPERM'));
  });

  test('one of many has made it as well, for its owner only', async () => {
    const path = join(folder, 'a.lock');
    const made = await Promise.all(Array.from({ length: 8 }, (_, index) => createWhole(path, `${index}`)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(`${made.indexOf(true)}`);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
    expect(await readdir(folder)).toEqual(['a.lock']);
  });

  test.each(['ENOSPC', 'EDQUOT'])('%s: no lock without an owner stays', async (code) => {
    const path = join(folder, 'a.lock');
    const real = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
    vi.mocked(writeFile).mockImplementation(async (file, ...rest) => {
      if (file !== path) return real.writeFile(file, ...rest);
      await real.writeFile(file, '', rest[1]);
      throw failure(code);
    });
    await expect(createWhole(path, 'who')).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });
});

test('another failure of the link is told, and nothing stays', async () => {
  vi.mocked(link).mockRejectedValue(failure('EACCES'));
  await expect(createWhole(join(folder, 'a.lock'), 'who')).rejects.toMatchObject({ code: 'EACCES' });
  expect(await readdir(folder)).toEqual([]);
});
