import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWhole } from '../../source/state/create-whole.js';

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

/** A file system of a few pages; only root can have one. */
function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('on a full disk nothing stays', async ({ skip }) => {
  if (!mounted()) skip('no file system can be mounted here');
  try {
    await writeFile(join(folder, 'fill'), Buffer.alloc(16 * 1024)).catch(() => {});
    await expect(createWhole(join(folder, 'a.lock'), 'who')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readdir(folder)).toEqual(['fill']);
  } finally {
    execFileSync('umount', [folder]);
  }
});
