/**
 * `npm run bench:list`: whole processes, `virtdeck list --all` against `virsh list --all`, on the same real
 * libvirtd with 1,000 domains of the test driver. The two take turns, so that a slow moment hits both.
 *
 *     npm run bench:list -- [--json] [--domains N] [--runs N]
 */
import { parseArgs } from 'node:util';
import { defineTestDomains } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { cliPath } from '../support/program.js';
import { runProcess } from '../support/run-process.js';

type Figure = { readonly name: string; readonly value: number; readonly unit: string; readonly goal: string };

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    domains: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '10' },
  },
});
const count = Number(values.domains);
const runs = Number(values.runs);

await using daemon = await PrivateLibvirtd.start({ name: 'bench' });
const domains = await defineTestDomains(daemon, count);
const uri = daemon.testUri;
const virtdeck = () => timed(process.execPath, [cliPath, 'list', '--all', '-c', uri]);
const virsh = () => timed('virsh', ['-c', uri, 'list', '--all']);

// One of each to warm the caches of files and of the daemon.
await virtdeck();
await virsh();
const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
for (let run = 0; run < runs; run += 1) {
  times.ours.push(await virtdeck());
  times.theirs.push(await virsh());
}
await domains.close();

const ours = median(times.ours);
const theirs = median(times.theirs);
report([
  { name: `virtdeck list --all, ${count} domains`, value: ours, unit: 'ms', goal: 'no more than virsh' },
  { name: `virsh list --all, ${count} domains`, value: theirs, unit: 'ms', goal: '' },
  { name: 'virtdeck / virsh', value: ours / theirs, unit: 'times', goal: '<= 1' },
]);

/** Milliseconds a whole process takes, its output read to the end and checked. */
async function timed(command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { stdout, stderr, exitCode } = await runProcess(command, args);
  const elapsed = performance.now() - start;
  const listed = stdout.match(/\bvm-\d{4}\b/g)?.length ?? 0;
  if (exitCode !== 0 || listed !== count) {
    throw new Error(
      `${command} ${args.join(' ')}: exit ${exitCode}, ${listed} of ${count} listed\n${stderr}`,
    );
  }
  return elapsed;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

function report(figures: readonly Figure[]): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
    return;
  }
  process.stdout.write(`median of ${runs} runs each\n`);
  for (const { name, value, unit, goal } of figures) {
    const digits = unit === 'ms' ? 0 : 2;
    process.stdout.write(
      `${name.padEnd(40)} ${value.toFixed(digits).padStart(7)} ${unit}${goal ? `   (goal: ${goal})` : ''}\n`,
    );
  }
}
