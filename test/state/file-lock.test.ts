import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lockFile } from '../../source/state/file-lock.js';
import { type LockOwner, ownText } from '../../source/state/lock-owner.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-lock-'));
  path = join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const own = JSON.parse(await ownText()) as LockOwner;
/** Beyond the largest process id. */
const nobody = 2 ** 22 + 1;
const short = { patience: 30 };

async function leave(text: string | object, age = 0): Promise<void> {
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
  const then = new Date(Date.now() - age);
  await utimes(path, then, then);
}

function child(...args: readonly string[]) {
  const script = join(import.meta.dirname, 'lock-child.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('many that wait have it one after the other, also where it was left', () => {
  test.each([
    ['by a process that is gone', { ...own, pid: nobody }],
    ['by a process whose number another one has now', { ...own, started: '1' }],
    ['before the machine was restarted', { ...own, boot: 'another' }],
    ['by an earlier version, beside an image', { pid: nobody, started: '1' }],
    ['by an earlier version, beside the settings', `${nobody} ${hostname()} x\n`],
  ])('%s', async (_, left) => {
    let holders = 0;
    let most = 0;
    for (let round = 0; round < 4; round += 1) {
      await leave(left);
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          const lock = await lockFile(path);
          holders += 1;
          most = Math.max(most, holders);
          await new Promise((resolve) => setImmediate(resolve));
          holders -= 1;
          await lock.release();
        }),
      );
    }
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('by a process that was killed in the middle, and other processes wait', {
    timeout: 60_000,
  }, async () => {
    const holder = child(path);
    await once(holder.stdout, 'data');
    const log = join(folder, 'log');
    const waiting = [child(path, log, '20'), child(path, log, '20'), child(path, log, '20')];
    holder.kill('SIGKILL');
    const codes = await Promise.all(waiting.map(async (one) => (await once(one, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(await readFile(log, 'utf8')).toBe('in\nout\n'.repeat(60));
    expect(await readdir(folder)).toEqual(['log']);
  });

  test('and whoever took it away was killed as well', async () => {
    await leave({ ...own, pid: nobody });
    await writeFile(`${path}.guard`, JSON.stringify({ ...own, pid: nobody }));
    await (await lockFile(path)).release();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a lock stays with its owner', () => {
  test.each([
    ['a living process, however old it is', own],
    ['a living process of an earlier version', { pid: own.pid, started: own.started }],
    ['the settings of an earlier version', `${process.pid} ${hostname()} x\n`],
  ])('%s: it is waited for, and named', async (_, left) => {
    await leave(left, typeof left === 'string' ? 0 : 3_600_000);
    await expect(lockFile(path, short)).rejects.toMatchObject({
      name: 'FileLocked',
      message: `process ${process.pid} keeps ${path} locked; if it does not run, remove that file`,
    });
  });

  test('another machine has it until it gives no sign of life', async () => {
    await leave({ ...own, pid: nobody, host: 'far' });
    await expect(lockFile(path, short)).rejects.toThrow(`process ${nobody} of far keeps ${path} locked`);
    await leave({ ...own, pid: nobody, host: 'far' }, 60_000);
    await (await lockFile(path, short)).release();
  });

  test('nobody has an empty one, but for the moment in which it is made', async () => {
    await leave('');
    await expect(lockFile(path, short)).rejects.toThrow('process unknown keeps');
    await leave('', 2000);
    await (await lockFile(path, short)).release();
  });
});

test('who has lost the lock sees it, and does not remove the one of the other', async () => {
  const lock = await lockFile(path);
  expect(await lock.isHeld()).toBe(true);
  const others = await ownText();
  await writeFile(path, others);
  expect(await lock.isHeld()).toBe(false);
  await lock.release();
  expect(await readFile(path, 'utf8')).toBe(others);
});

test('it is given on, and only its owner can read it', async () => {
  const lock = await lockFile(path);
  expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  const next = lockFile(path);
  await lock.release();
  await (await next).release();
  expect(await readdir(folder)).toEqual([]);
});

test('whoever waits is told so once, and can give up', async () => {
  const lock = await lockFile(path);
  const told: number[] = [];
  const waiting = lockFile(path, { patience: 60, onWait: ({ pid }) => told.push(pid) });
  await expect(waiting).rejects.toThrow('keeps');
  expect(told).toEqual([process.pid]);
  const stop = new AbortController();
  const stopped = lockFile(path, { signal: stop.signal, onWait: () => stop.abort() });
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
  expect(await lock.isHeld()).toBe(true);
  await lock.release();
});

test('whoever has given up before takes no lock', async () => {
  await expect(lockFile(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(folder)).toEqual([]);
});

test('it gives a sign of life every ten seconds, for those who cannot see the process, until it is lost', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const lock = await lockFile(path);
    const long = new Date(0);
    const changed = async (): Promise<number> => (await stat(path)).mtimeMs;
    await utimes(path, long, long);
    vi.advanceTimersByTime(10_000);
    await vi.waitFor(async () => expect(await changed()).toBeGreaterThan(Date.now() - 60_000));
    await writeFile(path, await ownText());
    await utimes(path, long, long);
    vi.advanceTimersByTime(10_000);
    await lock.isHeld();
    expect(await changed()).toBe(0);
    await lock.release();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
