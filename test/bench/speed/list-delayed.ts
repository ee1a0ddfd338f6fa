import { runProcess } from '../../support/run-process.js';
import { type Bench, median } from './figures.js';

/** Whole processes through a delayed connection: `virtdeck list --all` against `virsh list --all`. */
export async function listDelayed(bench: Bench, runs: number): Promise<void> {
  const { cli, uri, domains } = bench;
  const at = `${domains} domains, 50 ms delay`;
  const ours: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    ours.push(await timed(bench, process.execPath, [cli, 'list', '--all', '-c', uri]));
  }
  const value = median(ours);
  bench.report({ name: `virtdeck list --all, ${at}`, value: value / 1000, unit: 's', goal: null });
  const virsh = await timed(bench, 'virsh', ['-c', uri, 'list', '--all']);
  bench.report({ name: `virsh list --all, ${at}`, value: virsh / 1000, unit: 's', goal: null });
  bench.report({ name: `list --all, ${at}`, value: virsh / value, unit: 'times faster', goal: 50 });
}

async function timed(bench: Bench, command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { stdout, stderr, exitCode } = await runProcess(command, args, { env: bench.env, timeout: 300_000 });
  const elapsed = performance.now() - start;
  const lines = stdout.split('\n').filter((line) => /\S/.test(line)).length;
  // Two lines of headings.
  if (exitCode !== 0 || lines !== bench.domains + 2) {
    throw new Error(`${command} ${args.join(' ')}: exit ${exitCode}, ${lines} lines\n${stderr}`);
  }
  return elapsed;
}
