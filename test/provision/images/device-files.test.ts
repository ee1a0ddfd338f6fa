import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { filesBehind, filesBehindDevice } from '../../../source/provision/images/device-files.js';

/** The kernel's folders of a loop device with a partition, and of a mapping on that. */
async function kernelFolders(): Promise<string> {
  const sys = await mkdtemp(join(tmpdir(), 'virtdeck-sys-'));
  onTestFinished(() => rm(sys, { recursive: true, force: true }));
  for (const folder of ['loop0/loop', 'loop0/loop0p1', 'dm-0/slaves'])
    await mkdir(join(sys, folder), { recursive: true });
  await writeFile(join(sys, 'loop0/loop/backing_file'), '/pool/a disk.raw\n');
  await symlink('../../loop0/loop0p1', join(sys, 'dm-0/slaves/loop0p1'));
  for (const [numbers, folder] of [
    ['7:0', 'loop0'],
    ['259:0', 'loop0/loop0p1'],
    ['253:0', 'dm-0'],
  ] as const)
    await symlink(folder, join(sys, numbers));
  return sys;
}

test.each([
  ['a loop device', '7:0'],
  ['a partition of it', '259:0'],
  ['a mapping on that', '253:0'],
])('%s stands for the file that it was made of', async (_, numbers) => {
  expect(await filesBehind(join(await kernelFolders(), numbers))).toEqual(['/pool/a disk.raw']);
});

test('what is no device, or is not there, stands for no file', async () => {
  expect(await filesBehindDevice('/dev/null')).toEqual([]);
  expect(await filesBehindDevice('/nowhere')).toEqual([]);
});
