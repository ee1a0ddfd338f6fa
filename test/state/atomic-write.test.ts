import {
  chmod,
  chown,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followLinks, putInPlace, writeAtomically } from '../../source/state/atomic-write.js';
import { onFullDisk } from './tiny-disk.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-atomic-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('a new file is for its owner only, one that is there keeps its mode, and a mode that is given is had', async () => {
  const path = join(folder, 'file');
  await writeAtomically(path, 'new');
  expect(await modeOf(path)).toBe('600');
  await chmod(path, 0o644);
  await writeAtomically(path, 'newer');
  expect([await modeOf(path), await readFile(path, 'utf8')]).toEqual(['644', 'newer']);
  await writeAtomically(path, 'a secret', { mode: 0o600 });
  expect(await modeOf(path)).toBe('600');
  expect(await readdir(folder)).toEqual(['file']);
});

test.skipIf(process.getuid?.() !== 0)(
  'a file stays with its owner and group, where root writes it',
  async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    for (const [uid, gid] of [
      [1234, 0],
      [0, 1234],
    ] as const) {
      await chown(path, uid, gid);
      expect(await writeAtomically(path, 'new')).toBe(true);
      expect(await stat(path)).toMatchObject({ uid, gid });
    }
  },
);

test('what is refused at the last moment changes nothing', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'old');
  expect(await writeAtomically(path, 'new', { mayReplace: async () => false })).toBe(false);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file']);
});

test('on a full disk the old file stays, and nothing beside it', async ({ skip }) => {
  const mounted = await onFullDisk(folder, async () => {
    const path = join(folder, 'old');
    await expect(writeAtomically(path, 'x'.repeat(9000))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect((await readdir(folder)).sort()).toEqual(['fill', 'old']);
  });
  if (!mounted) skip('no file system can be mounted here');
});

test('the file behind a link is written, and the link stays', async () => {
  await symlink('real', join(folder, 'link'));
  await writeAtomically(await followLinks(join(folder, 'link')), 'new');
  expect(await readlink(join(folder, 'link'))).toBe('real');
  expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
});

test('a name as long as names can be is written', async () => {
  const name = 'ü'.repeat(127);
  await writeAtomically(join(folder, name), 'new');
  expect(await readdir(folder)).toEqual([name]);
});

test('what a killed write has left goes with the next one, and what is being written does not', async () => {
  const old = new Date(Date.now() - 120_000);
  for (const name of ['.file.left.tmp', '.file.young.tmp', '.other.left.tmp']) {
    await writeFile(join(folder, name), '');
    if (name.includes('left')) await utimes(join(folder, name), old, old);
  }
  await writeAtomically(join(folder, 'file'), 'new');
  expect((await readdir(folder)).sort()).toEqual(['.file.young.tmp', '.other.left.tmp', 'file']);
});

test('a part becomes the file', async () => {
  await writeFile(join(folder, 'file.part'), 'whole');
  await putInPlace(join(folder, 'file.part'), join(folder, 'file'));
  expect(await readdir(folder)).toEqual(['file']);
});
