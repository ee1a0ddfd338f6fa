/**
 * `npm run bench:create`: the time from the guest agent's event to the printed address. The lab serves a socket,
 * a second client hears the event as any client does, and `virtdeck create` is a process of its own, built.
 *
 *     npm run bench:create -- [--json] [--runs N]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLab } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { cliPath } from '../support/program.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '10' } },
});
const runs = Number(values.runs);
const key =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV somebody@somewhere';

const folder = await mkdtemp(join(tmpdir(), 'vd-bench-'));
const lab = createLab({ domains: 100, speed: 20 });
const { uri, close } = await serveLab(lab, join(folder, 'lab.sock'));
const witness = await openHypervisor(uri, { events: true });
const image = join(folder, 'small.img');
const disk = Buffer.alloc(1_000_000, 1);
disk.set([0x55, 0xaa], 510);
await writeFile(image, disk);

const times: number[] = [];
for (let run = 0; run < runs; run += 1) times.push(await timeOf(`bench-${run}`));
await witness.close();
await close();
lab.close();
await rm(folder, { recursive: true });

const sorted = times.toSorted((a, b) => a - b);
const figures = [
  {
    name: 'agent’s event to printed address, median',
    value: sorted[runs >> 1] ?? Number.NaN,
    unit: 'ms',
    goal: '< 100',
  },
  {
    name: 'agent’s event to printed address, worst',
    value: sorted.at(-1) ?? Number.NaN,
    unit: 'ms',
    goal: '< 100',
  },
];
if (values.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
else
  for (const { name, value, unit, goal } of figures)
    process.stdout.write(`${name.padEnd(48)} ${value.toFixed(1).padStart(7)} ${unit}   (goal: ${goal})\n`);

/** Milliseconds between the event, as the witness hears it, and the line of the address. */
async function timeOf(name: string): Promise<number> {
  let heard = Number.NaN;
  const unlisten = witness.onEvent((event) => {
    if (event.type === 'agent' && event.domain.name === name && event.connected) heard = performance.now();
  });
  const args = ['create', name, '-c', uri, '--image', image, '--ssh-key', key];
  const child = spawn(process.execPath, [cliPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: folder, XDG_CACHE_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let printed = Number.NaN;
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    if (Number.isNaN(printed) && text.includes(`${name} is up: `)) printed = performance.now();
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  const [code] = await once(child, 'close');
  unlisten();
  if (code !== 0 || Number.isNaN(heard)) throw new Error(`exit ${code}: ${text}${said}`);
  return printed - heard;
}
