import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './steps.js';

/** Where GRUB's images lie: package grub-pc-bin. */
const grubFolder = '/usr/lib/grub/i386-pc';
const sectorSize = 512;

/** What GRUB needs to find its configuration on the root partition and to start Linux. */
const modules = [
  'biosdisk',
  'part_gpt',
  'ext2',
  'search',
  'search_label',
  'normal',
  'linux',
  'serial',
  'terminal',
  'configfile',
];

/**
 * Writes GRUB to a raw disk: the boot sector, and the core image to the BIOS boot partition that begins at sector
 * `start` and has `length` sectors. grub-install and grub-bios-setup want a block device; these are the places
 * that they fill in (GRUB's include/grub/i386/pc/boot.h and util/setup.c).
 * @throws when the core image does not fit.
 */
export async function writeBootLoader(disk: string, start: number, length: number): Promise<void> {
  const coreFile = `${disk}.core`;
  const prefix = '(hd0,gpt2)/boot/grub';
  await run('grub-mkimage', ['-O', 'i386-pc', '-d', grubFolder, '-p', prefix, '-o', coreFile, ...modules]);
  const core = await readFile(coreFile);
  const boot = await readFile(join(grubFolder, 'boot.img'));
  if (core.length > length * sectorSize) throw new Error(`GRUB's core has ${core.length} bytes: too large`);
  boot.writeBigUInt64LE(BigInt(start), 0x5c);
  // Two NOPs instead of a jump: the BIOS tells the drive, and it is a hard disk.
  boot.writeUInt16LE(0x9090, 0x66);
  // The block list at the end of the core's first sector: where its other sectors are, and where they go.
  core.writeBigUInt64LE(BigInt(start + 1), 0x1f4);
  core.writeUInt16LE(Math.ceil(core.length / sectorSize) - 1, 0x1fc);
  core.writeUInt16LE(0x820, 0x1fe);
  const file = await open(disk, 'r+');
  try {
    // The partition table's entry for old systems begins after the boot code.
    await file.write(boot, 0, 440, 0);
    await file.write(core, 0, core.length, start * sectorSize);
  } finally {
    await file.close();
  }
}
