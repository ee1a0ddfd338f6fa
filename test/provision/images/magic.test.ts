import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageProblem, inspectImage } from '../../../source/provision/images/magic.js';
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

  test('one whose data lies in another file is refused', async () => {
    const path = join(folder, 'external.qcow2');
    await make('create', '-q', '-f', 'qcow2', '-o', `data_file=${join(folder, 'data')}`, path, '1M');
    expect(imageProblem(await inspectImage(path))).toMatchObject({
      message: expect.stringContaining('another file'),
    });
  });
});

describe('what is no image', () => {
  test.each([
    ['compressed', gzipSync('x'.repeat(1000)), /gzip/],
    ['xz', Buffer.from('fd377a585a000000', 'hex'), /xz/],
    ['a page', Buffer.from('\n <!DOCTYPE HTML><html></html>'), /web page/],
    ['an error of a site', Buffer.from('<?xml version="1.0"?><Error/>'), /XML/],
    ['empty', Buffer.alloc(0), /empty/],
  ])('%s', async (name, contents, message) => {
    const path = join(folder, `${name}.qcow2`);
    await writeFile(path, contents);
    expect(imageProblem(await inspectImage(path))).toEqual({
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });

  test('a header that is cut off does not throw', async () => {
    const path = join(folder, 'short.qcow2');
    await writeFile(path, Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'));
    expect((await inspectImage(path)).format).toBe('qcow2');
  });
});
