import { describe, expect, test } from 'vitest';
import {
  bytesPerSecond,
  cpuPercent,
  growth,
  hostCpuPercent,
  memoryUsed,
} from '../../source/inventory/rates.js';

const second = 1e9;

describe('guest and host CPU', () => {
  test.each([
    // what, cpu.time before, after, elapsed ms, CPUs, percent
    ['one of two vCPUs busy', 0, 2 * second, 2000, 2, 50],
    ['all busy', 10 * second, 14 * second, 2000, 2, 100],
    ['idle or paused', 5 * second, 5 * second, 2000, 1, 0],
    ['emulator threads on top', 0, 5 * second, 2000, 2, 100],
    ['five ticks missed: the true time counts', 0, 6 * second, 12_000, 1, 50],
    ['an answer that came late', 0, 1.5 * second, 3000, 1, 50],
    ['the counter went backwards', 9 * second, 1 * second, 2000, 1, undefined],
    ['no time went by', 0, 1 * second, 0, 1, undefined],
    ['the system time was set back', 0, 1 * second, -500, 1, undefined],
    ['no value before', undefined, 1 * second, 2000, 1, undefined],
    ['never a value before', Number.NaN, 1 * second, Number.NaN, 1, undefined],
    ['no value now', 1 * second, undefined, 2000, 1, undefined],
    ['the number of CPUs is not known', 0, 1 * second, 2000, undefined, undefined],
    ['no CPU at all', 0, 1 * second, 2000, 0, undefined],
  ])('%s', (_, before, after, elapsed, cpus, percent) => {
    expect(cpuPercent(growth(before, after, elapsed), cpus)).toEqual(percent);
  });

  test('a hundred small guests on a large host stay a small share', () => {
    expect(cpuPercent(growth(0, second, 2000), 128)).toBeCloseTo(0.39, 2);
  });
});

test('bytes per second, over the true time', () => {
  expect(bytesPerSecond(growth(1000, 5000, 4000))).toBe(1000);
  expect(bytesPerSecond(growth(5000, 1000, 4000))).toBeUndefined();
});

describe('memory in use', () => {
  test.each([
    // what, current, available, usable, unused, used
    ['usable counts the cache as free', 2000, 1800, 1000, 200, 800],
    ['older guests tell only unused', 2000, 1800, undefined, 200, 1600],
    ['no balloon driver', 2000, undefined, undefined, undefined, 2000],
    ['half an answer', 2000, 1800, undefined, undefined, 2000],
    ['a usable that cannot be', 2000, 1800, 1900, undefined, 2000],
    ['nothing', undefined, undefined, undefined, undefined, undefined],
  ])('%s', (_, balloonCurrent, balloonAvailable, balloonUsable, balloonUnused, used) => {
    expect(memoryUsed({ balloonCurrent, balloonAvailable, balloonUsable, balloonUnused })).toBe(used);
  });
});

test.each([
  ['a quarter', { busy: 10, total: 100 }, { busy: 35, total: 200 }, 25],
  ['the host rebooted', { busy: 100, total: 1000 }, { busy: 1, total: 10 }, undefined],
  ['nothing counted', { busy: 1, total: 10 }, { busy: 1, total: 10 }, undefined],
])('host CPU: %s', (_, before, after, percent) => {
  expect(hostCpuPercent(before, after)).toBe(percent);
});
