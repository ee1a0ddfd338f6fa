import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A partition on a mapping on a loop device, and some more. */
const deepest = 8;

/**
 * The files that a block device of this machine stands for, as Linux tells it: of a loop device its backing file, also
 * below partitions and mappings (LVM, LUKS, RAID).
 *
 * @param sys the kernel's folders of block devices, by their numbers
 */
export async function filesBehindDevice(path: string, sys = '/sys/dev/block'): Promise<readonly string[]> {
  const device = await stat(path).catch(() => undefined);
  if (device?.isBlockDevice() !== true) return [];
  // As gnu_dev_major() and gnu_dev_minor() of glibc have it, for numbers of Linux.
  const [major, minor] = [
    (device.rdev >>> 8) & 0xfff,
    (device.rdev & 0xff) | ((device.rdev >>> 12) & 0xfff00),
  ];
  return filesBehind(join(sys, `${major}:${minor}`));
}

/** @param folder the kernel's of a device; a partition's lies in its disk's */
export async function filesBehind(folder: string, depth = 0): Promise<readonly string[]> {
  if (depth >= deepest) return [];
  const own = [folder, `${folder}/..`].map(async (one) => {
    const file = await readFile(`${one}/loop/backing_file`, 'utf8').catch(() => '');
    return file.replace(/\n$/, '');
  });
  const slaves = await readdir(`${folder}/slaves`).catch(() => []);
  const below = slaves.map((slave) => filesBehind(`${folder}/slaves/${slave}`, depth + 1));
  return [...(await Promise.all(own)), ...(await Promise.all(below)).flat()].filter((file) => file !== '');
}
