import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockImage } from '../../../source/provision/images/image-lock.js';

let folder: string;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-lock-'));
});

afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
  ['of a process whose number another one has now', JSON.stringify({ pid: process.pid, started: '1' })],
])('many that wait for a lock %s have it one after the other', async (_, dead) => {
  const path = join(folder, 'image.lock');
  let holders = 0;
  let most = 0;
  for (let round = 0; round < 4; round += 1) {
    await writeFile(path, dead);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        const unlock = await lockImage(path, signal, () => {});
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setImmediate(resolve));
        holders -= 1;
        await unlock();
      }),
    );
  }
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('whoever waits is told so once, and can give up', async () => {
  const path = join(folder, 'image.lock');
  const unlock = await lockImage(path, signal, () => {});
  const stop = new AbortController();
  let told = 0;
  const waiting = lockImage(path, stop.signal, () => {
    told += 1;
    stop.abort(new Error('enough'));
  });
  await expect(waiting).rejects.toThrow();
  expect(told).toBe(1);
  await unlock();
  await (await lockImage(path, signal, () => {}))();
});
