import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWhole } from '../../source/state/create-whole.js';
import { onFullDisk } from './tiny-disk.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-whole-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

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
