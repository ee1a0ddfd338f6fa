/**
 * What one tick costs the inventory itself, without the wire: 10,000 domains of which 3,000 run.
 *
 *     npx tsx --expose-gc test/bench/inventory-tick.ts [--json] [--domains N] [--running N] [--ticks N]
 *
 * Answers hold fresh objects and strings at each tick, as decoded ones do; making them is not measured.
 */
import { parseArgs } from 'node:util';
import { DomainTable } from '../../source/inventory/domain-table.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { DomainStats } from '../../source/libvirt/hypervisor.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    domains: { type: 'string', default: '10000' },
    running: { type: 'string', default: '3000' },
    ticks: { type: 'string', default: '400' },
  },
});
const count = Number(values.domains);
const running = Number(values.running);
const ticks = Number(values.ticks);
/** The collector counts allocations only where it may be called. */
const collect: () => void = globalThis.gc ?? (() => {});
const historyLength = 300;

function answer(tick: number): DomainStats[] {
  return Array.from({ length: count }, (_, i) => statsOf(i, tick));
}

function statsOf(i: number, tick: number): DomainStats {
  const runs = i < running;
  const counter = (factor: number) => (runs ? (tick + 1) * factor * (1 + (i % 7)) : undefined);
  return {
    uuid: Buffer.from(`00000000-0000-4000-8000-${String(i).padStart(12, '0')}`).toString('latin1'),
    name: Buffer.from(`vm-${i}`).toString('latin1'),
    id: runs ? i + 1 : -1,
    state: runs ? DomainState.running : DomainState.shutOff,
    reason: 1,
    cpuTime: counter(1.5e8),
    vcpuCurrent: 2,
    vcpuMaximum: 2,
    vcpuTimes: undefined,
    balloonCurrent: 2_097_152,
    balloonMaximum: 2_097_152,
    balloonUsable: counter(1000),
    balloonAvailable: runs ? 2_000_000 : undefined,
    balloonUnused: undefined,
    balloonRss: undefined,
    blockRead: counter(4096),
    blockWritten: counter(512),
    netReceived: counter(1400),
    netSent: counter(70),
  };
}

collect();
const before = process.memoryUsage();
const table = new DomainTable('c1', historyLength);
table.applyList(
  answer(0).map(({ uuid, name, id }) => ({
    uuid,
    name,
    id,
    autostart: false,
    persistent: true,
    managedSave: false,
  })),
  0,
);
const times: number[] = [];
const allocated: number[] = [];
for (let tick = 0; tick < ticks; tick += 1) {
  const stats = answer(tick);
  collect();
  const heap = process.memoryUsage().heapUsed;
  const started = performance.now();
  table.applyStats(stats, {
    at: (tick + 1) * 2000,
    missed: 0,
    hostCpus: 128,
    groups: ['state', 'cpu', 'balloon'],
    asOf: 0,
  });
  times.push(performance.now() - started);
  allocated.push(process.memoryUsage().heapUsed - heap);
}
collect();
const after = process.memoryUsage();
const held = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;

// The first ticks allocate the rings and are run before the code is compiled.
const steady = times.slice(ticks / 2).sort((a, b) => a - b);
const kib = allocated.slice(ticks / 2).sort((a, b) => a - b);
const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
const label = `${count} domains, ${running} running`;
const figures = [
  { name: `tick, median (${label})`, value: at(steady, 0.5), unit: 'ms', goal: '< 30' },
  { name: `tick, p95 (${label})`, value: at(steady, 0.95), unit: 'ms', goal: '< 30' },
  { name: 'first tick', value: times[0] ?? 0, unit: 'ms', goal: '< 200' },
  ...(globalThis.gc
    ? [{ name: 'allocated by a tick', value: at(kib, 0.5) / 1024, unit: 'KiB', goal: '< 512' }]
    : []),
  { name: `held, with ${ticks} ticks of history`, value: held / 2 ** 20, unit: 'MiB', goal: '< 60' },
];
for (const { name, value, unit, goal } of figures) {
  const rounded = Number(value.toFixed(2));
  console.log(
    values.json
      ? JSON.stringify({ name, value: rounded, unit, goal })
      : `${name}: ${rounded} ${unit} (goal ${goal})`,
  );
}
