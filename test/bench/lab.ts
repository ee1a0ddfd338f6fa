import { createLab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import { allGroups } from '../../source/lab/stats/describe.js';
import { StatsReplies } from '../../source/lab/stats/stats-replies.js';
import { statsAnswer } from '../../source/libvirt/remote/stats-decoder.js';
import { headerSize } from '../../source/wire/framing.js';
import { decode } from '../../source/wire/xdr.js';

/**
 * What the lab itself costs, so that figures of the program measured against it can be judged:
 * `npx tsx test/bench/lab.ts [--json]`. Run with --expose-gc for steadier memory figures.
 */

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const groups = ['state', 'cpu', 'balloon', 'vcpu', 'interface', 'block'] as const;
const figures: Figure[] = [];
const baseline = process.memoryUsage().rss;

for (const domains of [10, 1000, 10_000]) {
  const lab = createLab({ domains });
  const world = [...lab.world.domains.values()];
  const replies = new StatsReplies();
  const size = () => replies.frame(world, allGroups, () => false, lab.world.now());
  report(`lab reply bytes, ${domains} domains`, size().length / 1e6, 'MB');
  report(`lab writes a stats reply, ${domains} domains`, median(30, size), 'ms CPU');
  const frame = size();
  report(
    `client decodes that reply, ${domains} domains`,
    median(30, () => decode(statsAnswer, frame, headerSize)),
    'ms CPU',
  );
  const hypervisor = await openLab(lab);
  const calls: number[] = [];
  for (let call = 0; call < 15; call += 1) {
    const start = performance.now();
    await hypervisor.domainStats(groups);
    calls.push(performance.now() - start);
  }
  report(`stats call in process, both sides, ${domains} domains`, middle(calls), 'ms');
  const lists: number[] = [];
  for (let call = 0; call < 15; call += 1) {
    const start = performance.now();
    await hypervisor.listDomains();
    lists.push(performance.now() - start);
  }
  report(`list calls in process, both sides, ${domains} domains`, middle(lists), 'ms');
  await hypervisor.close();
  lab.close();
  global.gc?.();
  report(`RSS above start, ${domains} domains`, (process.memoryUsage().rss - baseline) / 2 ** 20, 'MiB');
}

if (process.argv.includes('--json')) {
  for (const figure of figures) console.log(JSON.stringify({ ...figure, goal: null }));
}

function report(name: string, value: number, unit: string): void {
  figures.push({ name, value, unit });
  if (!process.argv.includes('--json'))
    console.log(`${name.padEnd(60)}${value.toFixed(3).padStart(10)} ${unit}`);
}

function median(times: number, run: () => unknown): number {
  return middle(
    Array.from({ length: times }, () => {
      // CPU time: the clock on the wall also counts what else the machine does.
      const start = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    }),
  );
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
