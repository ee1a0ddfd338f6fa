import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LibvirtError } from '../../../source/libvirt/errors.js';
import { type TaskControl, TaskStore } from '../../../source/tui/services/tasks.js';

let changes = 0;
let store: TaskStore;

beforeEach(() => {
  vi.useFakeTimers();
  changes = 0;
  store = new TaskStore(() => {
    changes += 1;
  });
});

afterEach(() => vi.useRealTimers());

const endOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

test('a task tells rate and remaining time, and what came of it', async () => {
  let control: TaskControl | undefined;
  let finish: (outcome: string) => void = () => {};
  const ended = store.run({
    title: 'upload',
    connection: 'stardust',
    work: (given) => {
      control = given;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  for (let second = 0; second <= 4; second += 1) {
    control?.progress(second * 1000, 10_000);
    vi.advanceTimersByTime(1000);
  }
  expect(store.tasks[0]?.progress).toMatchObject({ bytes: 4000, total: 10_000, rate: 1000, eta: 6000 });
  finish('4 kB sent');
  expect(await ended).toMatchObject({ state: 'done', outcome: '4 kB sent', cancelling: false });
  expect(store.running).toEqual([]);
});

test('the rate follows the last seconds, not the whole way', () => {
  let control: TaskControl | undefined;
  void store.run({
    title: 'a',
    connection: 'b',
    work: (given) => {
      control = given;
      return endOf(given.signal);
    },
  });
  let bytes = 0;
  for (let second = 0; second < 60; second += 1) {
    bytes += second < 30 ? 1_000_000 : 1000;
    control?.progress(bytes, 100_000_000);
    vi.advanceTimersByTime(1000);
  }
  expect(store.tasks[0]?.progress?.rate).toBe(1000);
});

test('progress makes a few frames a second, however often it is told', () => {
  let control: TaskControl | undefined;
  void store.run({
    title: 'a',
    connection: 'b',
    work: (given) => {
      control = given;
      return endOf(given.signal);
    },
  });
  changes = 0;
  for (let at = 0; at < 10_000; at += 1) {
    control?.progress(at);
    if (at % 10 === 0) vi.advanceTimersByTime(1);
  }
  expect(changes).toBeLessThanOrEqual(5);
});

test('a cancelled task is told so, and says what it leaves behind', async () => {
  const ended = store.run({
    title: 'wipe',
    connection: 'stardust',
    whenCancelled: 'the host goes on',
    work: ({ signal }) => endOf(signal),
  });
  expect(store.tasks[0]?.fate()).toBe('The host goes on.');
  store.cancel(1);
  expect(store.tasks[0]?.cancelling).toBe(true);
  expect(await ended).toMatchObject({ state: 'cancelled', outcome: 'the host goes on', cancelling: false });
  store.cancel(1);
  store.forgetFinished();
  expect(store.tasks).toEqual([]);
});

test('a cancelled task that could not clean up says so', async () => {
  const message = 'aborted; the volume half.img of the pool images is incomplete';
  const error = new LibvirtError({ kind: 'closed', message, hint: 'Delete it.' });
  const ended = store.run({
    title: 'upload',
    connection: 'stardust',
    whenCancelled: 'all removed',
    work: ({ signal }) => endOf(signal).catch(() => Promise.reject(error)),
  });
  store.cancel(1);
  expect(await ended).toMatchObject({
    state: 'cancelled',
    outcome: `cancelled: ${message}`,
    hint: 'Delete it.',
  });
});

test('work that ends well although it was told to stop is done', async () => {
  let finish: (outcome: string) => void = () => {};
  const work = () =>
    new Promise<string>((resolve) => {
      finish = resolve;
    });
  const ended = store.run({ title: 'a', connection: 'b', work });
  store.cancel(1);
  finish('all there');
  expect(await ended).toMatchObject({ state: 'done', outcome: 'all there' });
});

test('a failed task keeps the reason and the hint', async () => {
  const error = new LibvirtError({ kind: 'libvirt', message: 'no space left', hint: 'Make room.' });
  const ended = store.run({ title: 'a', connection: 'b', work: () => Promise.reject(error) });
  expect(await ended).toMatchObject({ state: 'failed', outcome: 'no space left', hint: 'Make room.' });
});

test('only the newest finished ones are kept, and all that run', async () => {
  void store.run({ title: 'long', connection: 'b', work: ({ signal }) => endOf(signal) });
  for (let at = 0; at < 80; at += 1)
    await store.run({ title: `${at}`, connection: 'b', work: async () => 'done' });
  expect(store.tasks).toHaveLength(51);
  expect(store.tasks[0]?.title).toBe('79');
  expect(store.running).toHaveLength(1);
});

test('all can be told to stop at once', async () => {
  for (let at = 0; at < 3; at += 1)
    void store.run({ title: `${at}`, connection: 'b', work: ({ signal }) => endOf(signal) });
  const all = store.cancelAll();
  await vi.advanceTimersByTimeAsync(50);
  await all;
  expect(store.tasks.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
});
