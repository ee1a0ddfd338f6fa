/**
 * `npm run bench:hosts`: many hosts at once, and hosts over ssh. Twenty hosts, each 50 ms away, five of which take
 * the connection and say nothing; then whole processes over ssh on loopback, `virtdeck list --all` beside
 * `virsh list --all`: the first command (it logs in), and one on a host that the program is logged in to already.
 *
 *     npm run bench:hosts -- [--json] [--runs N]
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLab } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { cliPath } from '../support/program.js';
import { runProcess } from '../support/run-process.js';
import { Sshd } from '../support/sshd.js';
import { Terminal } from '../support/terminal.js';
import { describe, type Figure, median } from './speed/figures.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '7' } },
});
const runs = Number(values.runs);
const folder = await mkdtemp(join(tmpdir(), 'vd-hosts-'));
// The daemon is another user.
await chmod(folder, 0o755);
const env = { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, XDG_RUNTIME_DIR: folder };
try {
  await twentyHosts();
  await overSsh();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Until the fifteen that answer are drawn with their domains. */
async function twentyHosts(): Promise<void> {
  const served: Awaited<ReturnType<typeof serveLab>>[] = [];
  // One after the other: each sets the umask for a moment.
  for (let at = 0; at < 15; at += 1) {
    const lab = createLab({ domains: 1, seed: at + 1, link: { latency: 50 } });
    served.push(await serveLab(lab, join(folder, `lab-${at}.sock`)));
  }
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const uris = [
    // Between the others: whoever waits for one of them would be late.
    ...served.flatMap(({ uri }, at) =>
      at % 3 === 0 ? [uri, `qemu+tcp://127.0.0.1:${port}/system?x=${at}`] : [uri],
    ),
  ];
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = performance.now();
    const args = [cliPath, ...uris.flatMap((uri) => ['-c', uri])];
    await using terminal = Terminal.open({ command: process.execPath, args, env, cols: 120, rows: 50 });
    await terminal.waitFor(/20 hosts · 15 domains/);
    times.push(performance.now() - start);
  }
  for (const { close } of served) await close();
  silent.close();
  const node: number[] = [];
  for (let run = 0; run < runs; run += 1) node.push(await timed(process.execPath, ['-e', '0']));
  report({ name: 'node -e 0, whole process', value: median(node), unit: 'ms', goal: null });
  report({
    name: '15 of 20 hosts drawn, 50 ms away, 5 silent',
    value: median(times),
    unit: 'ms',
    goal: 1000,
  });
}

async function overSsh(): Promise<void> {
  await using daemon = await PrivateLibvirtd.start({ name: 'hosts', config: 'auth_unix_rw = "none"\n' });
  const sshd = await Sshd.start();
  try {
    const known = await sshd.knownHosts();
    const place = `${userInfo().username}@127.0.0.1:${sshd.port}`;
    const uri = `test+ssh://${place}/default?socket=${daemon.socket}&keyfile=${sshd.key}`;
    const ours = ['list', '--all', '-c', `${uri}&known_hosts=${known}`];
    // virsh takes the user's own known hosts: it is told not to look.
    const theirs = ['-c', `${uri}&no_verify=1`, 'list', '--all'];
    const leave = async (): Promise<void> => {
      const { stdout } = await runProcess('sh', ['-c', 'ls "$1"/virtdeck/ssh-* 2>/dev/null', 'sh', folder]);
      for (const socket of stdout.split('\n').filter((line) => line !== ''))
        await runProcess('ssh', ['-O', 'exit', '-S', socket, 'x']);
    };
    const first: number[] = [];
    const second: number[] = [];
    const virsh: number[] = [];
    for (let run = 0; run <= runs; run += 1) {
      await leave();
      const figures = [
        await timed(process.execPath, [cliPath, ...ours]),
        await timed(process.execPath, [cliPath, ...ours]),
        await timed('virsh', theirs),
      ] as const;
      // The first of each only warms the caches.
      if (run === 0) continue;
      first.push(figures[0]);
      second.push(figures[1]);
      virsh.push(figures[2]);
    }
    await leave();
    report({ name: 'virsh list --all over ssh', value: median(virsh), unit: 'ms', goal: null });
    report({
      name: 'virtdeck list --all over ssh, logging in',
      value: median(first),
      unit: 'ms',
      goal: null,
    });
    report({ name: 'the same / virsh', value: median(first) / median(virsh), unit: 'times', goal: 1 });
    report({
      name: 'virtdeck list --all over ssh, logged in',
      value: median(second),
      unit: 'ms',
      goal: null,
    });
    report({ name: 'the same / virsh', value: median(second) / median(virsh), unit: 'times', goal: 0.5 });
  } finally {
    await sshd.stop();
  }
}

/** Milliseconds a whole process takes; it must succeed. */
async function timed(command: string, args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { exitCode, stderr } = await runProcess(command, [...args], { env });
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${exitCode}\n${stderr}`);
  return performance.now() - start;
}

function report(figure: Figure): void {
  const rounded = { ...figure, value: Number(figure.value.toFixed(2)) };
  process.stdout.write(`${values.json ? JSON.stringify(rounded) : describe(rounded)}\n`);
}
