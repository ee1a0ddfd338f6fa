/**
 * `npm run bench`: what the built program costs, each figure next to what it is compared with. A lab in a
 * process of its own serves 10, 1,000 and 10,000 domains on a unix socket; the program runs at 120x40. Takes
 * about six minutes, one of them for virsh. Build first (`npm run build`), and leave the machine alone
 * meanwhile.
 *
 *     npm run bench -- [--json] [--only first-frame|keys|steady|list ...] [--domains N ...] [--cli PATH]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cliPath } from '../support/program.js';
import { type Bench, describe, type Figure } from './speed/figures.js';
import { firstFrame } from './speed/first-frame.js';
import { keyToFrame } from './speed/key-to-frame.js';
import { startLab } from './speed/lab-process.js';
import { listDelayed } from './speed/list-delayed.js';
import { steady } from './speed/steady.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    domains: { type: 'string', multiple: true },
    cli: { type: 'string', default: cliPath },
  },
});

const measurements: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  'first-frame': (bench) => firstFrame(bench, 11),
  keys: (bench) => keyToFrame(bench, 200),
  steady: (bench) => steady(bench, 24),
};
const wanted = values.only ?? [...Object.keys(measurements), 'list'];
const unknown = wanted.find((name) => name !== 'list' && !Object.hasOwn(measurements, name));
if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such measurement`);

const folder = mkdtempSync(join(tmpdir(), 'vd-bench-'));
// Nobody's settings may play a part.
const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
try {
  for (const domains of (values.domains ?? ['10', '1000', '10000']).map(Number)) {
    await using lab = await startLab(values.cli, folder, { domains });
    for (const [name, measure] of Object.entries(measurements)) {
      if (wanted.includes(name)) await measure({ cli: values.cli, domains, uri: lab.uri, env, report });
    }
  }
  if (wanted.includes('list')) {
    const domains = 1000;
    await using lab = await startLab(values.cli, folder, { domains, latency: 50 });
    await listDelayed({ cli: values.cli, domains, uri: lab.uri, env, report }, 5);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(figure: Figure): void {
  const rounded = { ...figure, value: Number(figure.value.toFixed(2)) };
  process.stdout.write(`${values.json ? JSON.stringify(rounded) : describe(rounded)}\n`);
}
