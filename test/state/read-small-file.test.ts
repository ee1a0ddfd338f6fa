import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  openRegular,
  readSmallFile,
  readSmallStream,
  readSmallText,
} from '../../source/state/read-small-file.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vd-read-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => join(folder, name);

test('a file is read up to the limit, and one that is larger is refused', async () => {
  writeFileSync(place('a'), 'x'.repeat(2048));
  expect(await readSmallText(place('a'), 2048)).toBe('x'.repeat(2048));
  await expect(readSmallFile(place('a'), 2047)).rejects.toThrow('it is larger than 2 KiB');
});

test('a file of /proc, which does not tell its size, is read up to the limit as well', async () => {
  expect(await readSmallText('/proc/self/status', 100_000)).toContain('Pid:');
  await expect(readSmallFile('/proc/self/status', 10)).rejects.toThrow('it is larger than 10 B');
});

describe('what is no regular file is told as what it is, at once', () => {
  test('a named pipe, also behind a link', async () => {
    execFileSync('mkfifo', [place('pipe')]);
    symlinkSync(place('pipe'), place('link'));
    for (const name of ['pipe', 'link']) {
      await expect(readSmallFile(place(name), 10)).rejects.toThrow('it is a named pipe and no regular file');
      await expect(openRegular(place(name))).rejects.toThrow('it is a named pipe and no regular file');
    }
  });

  test('a device; /dev/null is an empty file', async () => {
    await expect(readSmallFile('/dev/zero', 10)).rejects.toThrow('it is a device and no regular file');
    expect(await readSmallText('/dev/null', 10)).toBe('');
  });

  test('a folder and a socket', async () => {
    mkdirSync(place('folder'));
    await expect(readSmallFile(place('folder'), 10)).rejects.toMatchObject({ code: 'EISDIR' });
    const server = createServer().listen(place('socket'));
    // The system itself opens no socket.
    await expect(readSmallFile(place('socket'), 10)).rejects.toMatchObject({ code: 'ENXIO' });
    server.close();
  });
});

describe('the pipe that a shell hands over', () => {
  const read = (command: string): string => {
    const file = new URL('../../source/state/read-small-file.ts', import.meta.url).href;
    const script = `import(${JSON.stringify(file)}).then(({ readSmallText }) => readSmallText(process.argv[1], 1000))
      .then((text) => console.log(text), (error) => console.log(error.message));`;
    const args = ['--import', 'tsx', '-e', script];
    const line = args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`).join(' ');
    return spawnSync('bash', ['-c', command.replace('READ', `${process.execPath} ${line}`)], {
      encoding: 'utf8',
      timeout: 14_000,
    }).stdout.trim();
  };

  test('is read to its end', () => {
    expect(read('READ <(sleep 0.2; echo late)')).toBe('late');
  });

  test('is given up where it brings too much', () => {
    expect(read('READ <(cat /dev/zero)')).toContain('larger than 1000 B');
  });
});

test('the wait for a stream ends by the signal', async () => {
  const stream = new PassThrough();
  const control = new AbortController();
  const reading = readSmallStream(stream, 10, control.signal);
  control.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  expect(stream.destroyed).toBe(true);
});
