import { beforeEach, expect, test } from 'vitest';
import { TickLoop } from '../../source/inventory/tick-loop.js';
import { FakeClock } from './fake-clock.js';

let clock: FakeClock;
let begin: number;
/** When each tick began, in ms from the beginning, and how many it knew to be missed. */
let ticks: [at: number, missed: number][];
/** How long each tick takes; false where it brings nothing. */
let durations: (number | false)[];
let interval: number;

function loop(missed = 0): TickLoop {
  return new TickLoop(
    {
      clock,
      interval: () => interval,
      tick: async (gaps) => {
        ticks.push([clock.now() - begin, gaps]);
        const duration = durations.shift() ?? 0;
        if (duration) await new Promise<void>((resolve) => clock.setTimeout(resolve, duration));
        return duration !== false;
      },
    },
    missed,
  );
}

beforeEach(() => {
  clock = new FakeClock();
  begin = clock.now();
  ticks = [];
  durations = [];
  interval = 2000;
});

test('ticks on a grid, however long the answers take', async () => {
  durations = [300, 1900, 0, 700];
  void loop().now();
  await clock.advance(8000);
  expect(ticks).toEqual([
    [0, 0],
    [2000, 0],
    [4000, 0],
    [6000, 0],
    [8000, 0],
  ]);
});

test('never two at once: grid points under a slow answer are missed', async () => {
  durations = [5000];
  void loop().now();
  await clock.advance(8000);
  expect(ticks).toEqual([
    [0, 0],
    [6000, 2],
    [8000, 0],
  ]);
});

test('a tick without values is missed too', async () => {
  durations = [0, false, false, 0];
  void loop().now();
  await clock.advance(8000);
  expect(ticks.map(([, missed]) => missed)).toEqual([0, 0, 1, 2, 0]);
});

test('asked for now, it ticks now and goes on from there', async () => {
  const ticking = loop();
  void ticking.now();
  await clock.advance(700);
  void ticking.now();
  await clock.advance(2000);
  expect(ticks.map(([at]) => at)).toEqual([0, 700, 2700]);
});

test('a new interval counts from the last tick and misses nothing', async () => {
  interval = 10_000;
  const ticking = loop();
  void ticking.now();
  await clock.advance(5000);
  interval = 1000;
  ticking.reschedule();
  await clock.advance(1500);
  expect(ticks).toEqual([
    [0, 0],
    [5000, 0],
    [6000, 0],
  ]);
});

test('a computer that slept ticks once, not once for each hour', async () => {
  void loop().now();
  await clock.advance(1000);
  clock.step(3_600_000);
  await clock.advance(1000);
  expect(ticks.slice(1)).toEqual([[3_602_000, 60]]);
});

test('a system time set back does not stop the ticks', async () => {
  void loop().now();
  await clock.advance(1000);
  clock.step(-3_600_000);
  await clock.advance(5000);
  expect(ticks).toHaveLength(4);
});

test('stopped is stopped, in the middle of a tick too', async () => {
  durations = [0, 500];
  const ticking = loop();
  void ticking.now();
  await clock.advance(2100);
  ticking.stop();
  await clock.advance(10_000);
  expect(ticks).toHaveLength(2);
  expect(clock.timers).toBe(0);
});
