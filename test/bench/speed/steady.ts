import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, median } from './figures.js';
import { Recording } from './recording.js';
import { idleTicks, tickBytes } from './tick-bytes.js';

const cpuGoals: Readonly<Record<number, number>> = { 10: 1.5, 1000: 1.5, 10000: 12 };
const memoryGoals: Readonly<Record<number, number>> = { 10: 130, 1000: 130, 10000: 220 };
const interval = 2000;

/**
 * What the program costs while it is left alone: CPU, memory, and what it writes. The list is filtered to
 * running domains, so that every row on the screen has values that change.
 */
export async function steady(bench: Bench, seconds: number): Promise<void> {
  await using recording = new Recording(bench);
  await delay(3000);
  recording.send('/running\r');
  await delay(7000);
  const ticks = recording.chunks.length;
  const cpu = cpuTime(recording.pid);
  const start = performance.now();
  await delay(seconds * 1000);
  const used = cpuTime(recording.pid) - cpu;
  const share = (100 * used) / (performance.now() - start);
  const at = `${bench.domains} domains`;
  const cpuGoal = cpuGoals[bench.domains] ?? null;
  bench.report({ name: `CPU of one core, ${at}, every 2 s`, value: share, unit: '%', goal: cpuGoal });

  await delay(Math.max(0, recording.startedAt + 30_000 - performance.now()));
  const memory = memoryOf(recording.pid);
  const goal = memoryGoals[bench.domains] ?? null;
  bench.report({ name: `RSS after 30 s, ${at}`, value: memory.now, unit: 'MB', goal });
  bench.report({ name: `RSS at its highest, ${at}`, value: memory.highest, unit: 'MB', goal });

  const written = await tickBytes(recording.chunks, ticks, interval);
  const values = {
    'bytes written per tick': median(written.map(({ bytes }) => bytes)),
    'smallest cell-by-cell update per tick': median(written.map(({ smallest }) => smallest)),
    'cells changed per tick': median(written.map(({ cells }) => cells)),
  };
  for (const [name, value] of Object.entries(values)) {
    bench.report({
      name: `${name}, ${at}`,
      value,
      unit: name.startsWith('cells') ? 'cells' : 'bytes',
      goal: null,
    });
  }
  const ratio = median(written.map(({ bytes, smallest }) => bytes / smallest));
  bench.report({ name: `bytes written / smallest update, ${at}`, value: ratio, unit: 'times', goal: 1.5 });

  // Nothing matches: ticks go on, and no value is shown.
  recording.send('\u001B');
  await delay(500);
  recording.send('/no such domain\r');
  await delay(1.5 * interval);
  const quiet = performance.now();
  await delay(6 * interval);
  // The median: once a minute the clock moves on.
  const idle = await idleTicks(recording.chunks, quiet, performance.now(), interval);
  const value = median(idle.map(({ bytes }) => bytes));
  bench.report({ name: `bytes per tick when nothing changes, ${at}`, value, unit: 'bytes', goal: 0 });
}

/** Milliseconds of CPU that a process has used, its threads together. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  // utime and stime, in clock ticks of 10 ms.
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Megabytes (of 10^6 bytes) that a process holds, and the most it ever held. */
function memoryOf(pid: number): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { now: field('VmRSS'), highest: field('VmHWM') };
}
