import { spawn } from 'node:child_process';
import { runProcess } from '../../support/run-process.js';
import { type Bench, median } from './figures.js';
import { exited, Recording, replay } from './recording.js';
import { type Screen, textOf } from './screen-cells.js';

/** Time from making the process to the moment that every visible row of the list has its name. */
export async function firstFrame(bench: Bench, runs: number): Promise<void> {
  const names = await domainNames(bench);
  const drawn = (screen: Screen): number =>
    screen.filter((row) => names.has(textOf(row).trim().split(/\s+/)[1] ?? '')).length;
  const bare: number[] = [];
  const ours: number[] = [];
  // The first of each only warms the caches.
  for (let run = 0; run <= runs; run += 1) {
    const node = await nodeAlone();
    const frame = await untilDrawn(bench, drawn);
    if (run === 0) continue;
    bare.push(node);
    ours.push(frame);
  }
  const at = `${bench.domains} domains`;
  bench.report({
    name: `node -e 0, whole process (beside ${at})`,
    value: median(bare),
    unit: 'ms',
    goal: null,
  });
  bench.report({ name: `first full frame, ${at}`, value: median(ours), unit: 'ms', goal: null });
  const ratio = median(ours) / median(bare);
  bench.report({ name: `first full frame / node -e 0, ${at}`, value: ratio, unit: 'times', goal: 4.5 });
}

async function nodeAlone(): Promise<number> {
  const start = performance.now();
  await exited(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }));
  return performance.now() - start;
}

async function untilDrawn(bench: Bench, drawn: (screen: Screen) => number): Promise<number> {
  await using recording = new Recording(bench);
  // Long enough for several frames; which of them was the first full one is found afterwards.
  while (performance.now() - recording.startedAt < 1500) await recording.output(1000);
  const counts: { at: number; count: number }[] = [];
  for await (const { chunk, screen } of replay(recording.chunks)) {
    counts.push({ at: chunk.at, count: drawn(screen) });
  }
  const most = Math.max(...counts.map(({ count }) => count));
  const first = counts.find(({ count }) => count === most);
  if (first === undefined || most < Math.min(bench.domains, 20)) throw new Error(`only ${most} rows drawn`);
  return first.at - recording.startedAt;
}

async function domainNames({ cli, uri, env, domains }: Bench): Promise<Set<string>> {
  const args = [cli, 'list', '--all', '--json', '-c', uri];
  const { stdout, stderr } = await runProcess(process.execPath, args, { env });
  const names = new Set([...stdout.matchAll(/"name": ?"([^"]+)"/g)].map(([, name]) => name ?? ''));
  if (names.size !== domains) throw new Error(`${names.size} names of ${domains}\n${stderr}`);
  return names;
}
