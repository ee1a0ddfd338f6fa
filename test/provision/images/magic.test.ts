import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageProblem } from '../../../source/provision/images/image-problem.js';
import { inspectImage } from '../../../source/provision/images/magic.js';
import { requires } from '../../support/requirements.js';
import { runProcess } from '../../support/run-process.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-magic-'));
});

afterAll(() => rm(folder, { recursive: true }));

const mib = 1024 ** 2;

requires('qemu-img')('images that QEMU has made, whatever they are called', () => {
  const make = async (...args: string[]): Promise<void> => {
    const { exitCode, stderr } = await runProcess('qemu-img', args);
    if (exitCode !== 0) throw new Error(stderr);
  };

  test.each(['qcow2', 'raw', 'vmdk', 'vdi', 'vpc', 'qed', 'vhdx'])('%s', async (format) => {
    const path = join(folder, `${format}.txt`);
    await make('create', '-q', '-f', format, path, '64M');
    const found = await inspectImage(path);
    expect(found.format).toBe(format);
    expect(imageProblem(found)).toBeUndefined();
    if (!['qed', 'vhdx', 'vpc'].includes(format)) expect(found.virtualSize).toBe(64 * mib);
  });

  test('one that stands on another file is refused: the host would read that file', async () => {
    const base = join(folder, 'base.qcow2');
    const path = join(folder, 'overlay.qcow2');
    await make('create', '-q', '-f', 'qcow2', base, '1M');
    await make('create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', path, '1M');
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('/etc/passwd'),
    });
  });

  test.each(['qcow2', 'qed', 'vmdk'])('an overlay of the format %s is refused as well', async (format) => {
    const base = join(folder, `base-of.${format}`);
    const path = join(folder, `overlay-of.${format}`);
    await make('create', '-q', '-f', format, base, '1M');
    await make('create', '-q', '-f', format, '-b', base, '-F', format, path);
    const found = await inspectImage(path);
    expect(found.format).toBe(format);
    expect(imageProblem(found)).toMatchObject({ message: expect.stringContaining(base) });
  });

  test('a VMDK that only describes other files is refused by the name of the first', async () => {
    const path = join(folder, 'flat.vmdk');
    await make('create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', path, '1M');
    const found = await inspectImage(path);
    expect(found.format).toBe('vmdk');
    expect(imageProblem(found)).toMatchObject({ message: expect.stringContaining('flat-flat.vmdk') });
  });

  test('the old format qcow, which has the same first bytes, is told apart', async () => {
    const path = join(folder, 'old.qcow2');
    await make('create', '-q', '-f', 'qcow', path, '1M');
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('qcow'),
      hint: expect.stringContaining('qemu-img convert'),
    });
  });

  test.each([0.2, 0.5, 0.9])('a qcow2 of which %d is there is told as cut off', async (part) => {
    const path = join(folder, 'cut.qcow2');
    await writeFile(join(folder, 'data.raw'), randomBytes(3 * mib));
    await make('convert', '-f', 'raw', '-O', 'qcow2', join(folder, 'data.raw'), path);
    const found = await inspectImage(path);
    expect(imageProblem(found)).toBeUndefined();
    await truncate(path, Math.floor(found.size * part));
    const { exitCode } = await runProcess('qemu-img', ['check', '-f', 'qcow2', path]);
    expect(exitCode).not.toBe(0);
    expect(imageProblem(await inspectImage(path))?.message).toMatch(/^it is cut off/);
  });

  test.each(['-c', '-ocompat=0.10', '-ocluster_size=2M', '-oextended_l2=on', '-opreallocation=metadata'])(
    'a qcow2 made with %s is whole, and cut in the middle it is not',
    async (option) => {
      const path = join(folder, 'kind.qcow2');
      await writeFile(join(folder, 'data.raw'), randomBytes(5 * mib));
      await make('convert', option, '-f', 'raw', '-O', 'qcow2', join(folder, 'data.raw'), path);
      const found = await inspectImage(path);
      expect(imageProblem(found)).toBeUndefined();
      await truncate(path, Math.floor(found.size / 2));
      expect(imageProblem(await inspectImage(path))?.message).toMatch(/^it is cut off/);
    },
  );

  test('an image of 8 TiB that is empty is whole, and looked at quickly', async () => {
    const path = join(folder, 'large.qcow2');
    await make('create', '-q', '-f', 'qcow2', path, '8T');
    expect(imageProblem(await inspectImage(path))).toBeUndefined();
  });

  test('a qcow2 whose first bytes are gone is told as that, and not taken for raw', async () => {
    const path = join(folder, 'headless.qcow2');
    await make('create', '-q', '-f', 'qcow2', path, '64M');
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4), 0, 4, 0);
    await file.close();
    expect(imageProblem(await inspectImage(path))?.message).toContain('qcow2 whose first bytes are damaged');
  });

  test('a qcow2 whose table lies beyond the end is told as cut off', async () => {
    const path = join(folder, 'tables.qcow2');
    await make('create', '-q', '-f', 'qcow2', path, '64M');
    const file = await open(path, 'r+');
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(1n << 40n);
    await file.write(place, 0, 8, 40);
    await file.close();
    expect(imageProblem(await inspectImage(path))?.message).toMatch(/^it is cut off/);
  });

  test('a qcow2 that is encrypted is told as that', async () => {
    const path = join(folder, 'encrypted.qcow2');
    await make('create', '-q', '-f', 'qcow2', path, '64M');
    const file = await open(path, 'r+');
    // crypt_method 2 is LUKS. QEMU itself would measure the processor for seconds to make one.
    await file.write(Buffer.of(0, 0, 0, 2), 0, 4, 32);
    await file.close();
    expect(imageProblem(await inspectImage(path))?.message).toContain('encrypted');
  });

  test.each(['vdi', 'vpc', 'vmdk', 'vhdx'])(
    'a %s of which the end is missing is told as cut off',
    async (format) => {
      const path = join(folder, `cut.${format}`);
      await writeFile(join(folder, 'data.raw'), randomBytes(5 * mib));
      await make('convert', '-f', 'raw', '-O', format, join(folder, 'data.raw'), path);
      const found = await inspectImage(path);
      expect(imageProblem(found)).toBeUndefined();
      await truncate(path, Math.floor(found.size / 2));
      expect(imageProblem(await inspectImage(path))?.message).toMatch(/^it is cut off/);
    },
  );

  test('a raw disk shorter than its partition table tells is told as cut off', async () => {
    const path = join(folder, 'gpt.raw');
    const disk = Buffer.alloc(4 * mib);
    disk.write('EFI PART', 512);
    disk.writeBigUInt64LE(BigInt(disk.length / 512 - 1), 512 + 32);
    await writeFile(path, disk);
    expect(imageProblem(await inspectImage(path))).toBeUndefined();
    await truncate(path, 3 * mib);
    expect(imageProblem(await inspectImage(path))?.message).toMatch(/^it is cut off/);
  });

  test('one whose data lies in another file is refused', async () => {
    const path = join(folder, 'external.qcow2');
    await make('create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data')}`, path, '1M');
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('another file'),
    });
  });
});

function tarOf(name: string): Buffer {
  const head = Buffer.alloc(1024);
  head.write(name);
  head.write('ustar', 257);
  return head;
}

function isoHead(): Buffer {
  const head = Buffer.alloc(0x9000);
  head.write('\x01CD001', 0x8000, 'latin1');
  return head;
}

describe('what is no image', () => {
  test.each([
    ['compressed', gzipSync('x'.repeat(1000)), /gzip/],
    ['xz', Buffer.from('fd377a585a000000', 'hex'), /xz/],
    ['a page', Buffer.from('\n <!DOCTYPE HTML><html></html>'), /web page/],
    ['a page after a comment', Buffer.from('\ufeff<!-- mirror -->\n<html></html>'), /web page/],
    ['an error of a site', Buffer.from('<?xml version="1.0"?><Error/>'), /XML/],
    ['empty', Buffer.alloc(0), /empty/],
    ['a tar', tarOf('disk.img'), /archive \(tar\)/],
    ['an appliance', tarOf('machine.ovf'), /OVA/],
    ['an installer', isoHead(), /ISO, the medium of an installer/],
    ['LUKS', Buffer.from('LUKS\xba\xbe\0\x02', 'latin1'), /encrypted \(LUKS\)/],
    ['a kernel', Buffer.from('\x7fELF\x02', 'latin1'), /ELF/],
    ['a 7z', Buffer.from('377abcaf271c0004', 'hex'), /7z/],
    ['a script', Buffer.from('#!/bin/sh\n'), /script/],
  ])('%s', async (name, contents, message) => {
    const path = join(folder, `${name}.qcow2`);
    await writeFile(path, contents);
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  test('a header that is cut off does not throw', async () => {
    const path = join(folder, 'short.qcow2');
    await writeFile(path, Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'));
    expect((await inspectImage(path)).format).toBe('qcow2');
  });

  test('a file too short for an image that names another one is refused', async () => {
    const header = Buffer.alloc(300);
    header.write('QFI\xfb', 0, 'latin1');
    header.writeUInt32BE(3, 4);
    header.writeBigUInt64BE(200n, 8);
    header.writeUInt32BE(11, 16);
    header.write('/etc/passwd', 200);
    const path = join(folder, 'small.qcow2');
    await writeFile(path, header);
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('/etc/passwd'),
    });
  });

  test('a VMDK whose header sends its reader to a list of other files is refused', async () => {
    const header = Buffer.alloc(2048);
    header.write('KDMV');
    header.writeBigUInt64LE(1n, 28);
    header.write('# Disk DescriptorFile\nRW 8 FLAT "/etc/shadow" 0\n', 512);
    const path = join(folder, 'list.vmdk');
    await writeFile(path, header);
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('/etc/shadow'),
    });
  });
});
