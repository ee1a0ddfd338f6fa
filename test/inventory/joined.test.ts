import { expect, test } from 'vitest';
import { Joined } from '../../source/inventory/joined.js';
import { FakeClock } from './fake-clock.js';

function bed(work: () => Promise<void> = async () => {}) {
  const clock = new FakeClock();
  const rounds: number[] = [];
  const began = clock.now();
  const joined = new Joined(
    () => {
      rounds.push(clock.now() - began);
      return work();
    },
    { clock },
  );
  return { clock, rounds, joined };
}

test('one event is worked on at once, and once', async () => {
  const { clock, rounds, joined } = bed();
  joined.tell();
  await clock.advance(60_000);
  expect(rounds).toEqual([0]);
  joined.tell();
  expect(rounds).toHaveLength(2);
});

test('events that follow are joined into one round more, after the last of them', async () => {
  const { clock, rounds, joined } = bed();
  for (let at = 0; at < 20; at += 1) {
    joined.tell();
    await clock.advance(10);
  }
  await clock.advance(60_000);
  expect(rounds).toEqual([0, 300]);
});

test('a storm of events costs a round every two seconds, and what comes last is not lost', async () => {
  const { clock, rounds, joined } = bed();
  for (let at = 0; at < 20_000; at += 10) {
    joined.tell();
    await clock.advance(10);
  }
  const during = rounds.length;
  await clock.advance(60_000);
  expect(during).toBeLessThan(16);
  // Not slow from the first event on.
  expect(rounds.slice(0, 4)).toEqual([0, 300, 900, 2100]);
  expect(rounds.at(-1)).toBeGreaterThan(19_990);
  // A calm moment, and it answers at once again.
  joined.tell();
  expect(rounds.at(-1)).toBe(80_000);
});

test('work that takes long is never done twice at once', async () => {
  let end = (): void => {};
  const { clock, rounds, joined } = bed(() => new Promise((resolve) => (end = resolve)));
  joined.tell();
  joined.tell();
  await clock.advance(5000);
  expect(rounds).toEqual([0]);
  end();
  await clock.advance(300);
  expect(rounds).toEqual([0, 5300]);
});

test('nothing is done any more once it is stopped', async () => {
  const { clock, rounds, joined } = bed();
  joined.tell();
  joined.tell();
  await clock.advance(0);
  joined.stop();
  await clock.advance(60_000);
  expect(rounds).toEqual([0]);
});

test('after a stop it answers at once again, and as calmly as at first', async () => {
  const { clock, rounds, joined } = bed();
  for (let at = 0; at < 2000; at += 10) {
    joined.tell();
    await clock.advance(10);
  }
  joined.stop();
  rounds.length = 0;
  joined.tell();
  joined.tell();
  await clock.advance(60_000);
  expect(rounds).toEqual([2000, 2300]);
});
