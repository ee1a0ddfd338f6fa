import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBootLoader } from './boot-loader.js';
import { rootLabel } from './image-files.js';
import { run, say } from './steps.js';

const mebibyte = 1024 * 1024;
const sectorsPerMebibyte = 2048;

/** MiB. A GPT has its second copy in the last one. */
const size = { disk: 2048, boot: 1, table: 1 };
const bootStart = size.table;
const rootStart = bootStart + size.boot;
const rootSize = size.disk - rootStart - size.table;

/** By name, since newer versions of mke2fs choose features that GRUB 2.06 cannot read. */
const features = [
  'none',
  'has_journal',
  'ext_attr',
  'resize_inode',
  'dir_index',
  'filetype',
  'extent',
  'sparse_super',
  'large_file',
  'huge_file',
  'dir_nlink',
  'extra_isize',
  'metadata_csum',
];

const types = { boot: '21686148-6449-6E6F-744E-656564454649', root: '0FC63DAF-8483-4772-8E79-3D69D8477DE4' };

/**
 * Makes `target`, a compressed qcow2 of 2 GiB that boots by BIOS from the system unpacked in `root`. Works without
 * loop devices, which machines for tests may lack. `folder` takes what comes between.
 */
export async function makeDisk(folder: string, root: string, target: string): Promise<void> {
  const disk = join(folder, 'disk.raw');
  await writeFile(disk, '');
  await truncate(disk, size.disk * mebibyte);
  await run('sfdisk', ['--quiet', disk], {
    input: [
      'label: gpt',
      `start=${bootStart}MiB, size=${size.boot}MiB, type=${types.boot}`,
      `start=${rootStart}MiB, size=${rootSize}MiB, type=${types.root}`,
      '',
    ].join('\n'),
  });
  say('making the disk');
  const offset = rootStart * mebibyte;
  await run('mke2fs', [
    ...['-q', '-F', '-t', 'ext4', '-L', rootLabel, '-O', features.join(','), '-m', '0'],
    ...['-E', `offset=${offset}`, '-d', root, disk, `${rootSize}M`],
  ]);
  await writeBootLoader(disk, bootStart * sectorsPerMebibyte, size.boot * sectorsPerMebibyte);
  say('compressing it');
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', '-c', '-W', '-m', '4', disk, target]);
}
