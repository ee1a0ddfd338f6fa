import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { create } from '../../source/commands/create.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { type CommandResult, runCommand } from '../support/command-io.js';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV me@here';

let folder: string;
let lab: Lab;
let uri: string;
let image: string;
let env: Record<string, string | undefined>;
let close: () => Promise<unknown>;

async function serve(speed: number): Promise<void> {
  lab = createLab({ domains: 2, names: ['alpha', 'beta'], speed });
  const served = await serveLab(lab, join(folder, `${speed}.sock`));
  uri = served.uri;
  close = async () => {
    await served.close();
    lab.close();
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-create-'));
  image = join(folder, 'small.img');
  const disk = Buffer.alloc(200_000, 7);
  disk.set([0x55, 0xaa], 510);
  await writeFile(image, disk);
  env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
  await serve(2000);
});

afterEach(async () => {
  await close();
  await rm(folder, { recursive: true });
});

function runWith(io: Partial<CommandIo>, ...words: readonly string[]): Promise<CommandResult> {
  const parsed = parseFlags(words, create.flags);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const flags = { connect: [uri], ...parsed.flags };
  return runCommand(create, parsed.input, flags, { env, ...io });
}

const run = (...words: readonly string[]) => runWith({}, ...words);
const make = (...words: readonly string[]) =>
  run('--image', image, '--ssh-key', key, '--user', 'isabell', ...words);

async function names(): Promise<readonly string[]> {
  const hypervisor = await openHypervisor(uri);
  const domains = await hypervisor.listDomains();
  const volumes = await hypervisor.volumes.list(await hypervisor.pools.lookup('default'));
  await hypervisor.close();
  const own = [...domains, ...volumes].map(({ name }) => name);
  return own.filter((name) => /^(web|small)/.test(name)).sort();
}

test('a VM up to its address: the line to log in on standard output, the steps beside it', async () => {
  const { code, stdout, stderr } = await make('web-1');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^web-1 is up: (192\.168\.122\.\d+) \(guest agent\) {6}ssh isabell@\1\n$/);
  // How much of the boot is seen depends on its speed.
  const lines = stderr.split('\n').filter((line) => !/^(booting|DHCP lease .*)$/.test(line));
  expect(lines).toEqual([
    expect.stringMatching(/^Upload small-\w+\.img to the pool default: done$/),
    'Make the disk web-1.qcow2 (10 GiB) on the image, in the pool default: done',
    'Make the seed web-1-seed.iso for cloud-init, in the pool default: done',
    'Define the domain web-1: done',
    'Start the domain web-1: done',
    'the guest agent is connected',
    '',
  ]);
  expect(stderr).not.toContain('\u001b');
});

test('three at once, each with an address of its own', async () => {
  const { code, stdout } = await make('web-1', '--count', '3');
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n').sort();
  expect(lines.map((line) => line.split(' is up: ')[0])).toEqual(['web-1', 'web-2', 'web-3']);
  expect(new Set(lines.map((line) => /up: (\S+)/.exec(line)?.[1])).size).toBe(3);
});

test('a name that is taken: all that is in the way at once, and nothing is made', async () => {
  await make('web-1', '--no-wait');
  const before = await names();
  const { code, stdout, stderr } = await make('web-1', '--memory', '1P');
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('error: there is a domain web-1 already\n');
  expect(stderr).toContain('error: the pool default has a volume web-1.qcow2 already\n');
  expect(stderr).toMatch(/error: .* are more than the host has/);
  expect(await names()).toEqual(before);
});

describe('--dry-run', () => {
  test('tells everything and makes nothing; the password is nowhere', async () => {
    const file = join(folder, 'password');
    await writeFile(file, 'correct horse battery\n');
    const before = await readdir(folder);
    const { code, stdout } = await make('web-1', '--dry-run', '--password-file', file, '--package', 'htop');
    expect(code).toBe(0);
    expect(stdout).toContain('  Define the domain web-1\n');
    expect(stdout).toContain('<name>web-1</name>');
    expect(stdout).toContain('"htop"');
    expect(stdout).toContain('********');
    expect(stdout).not.toMatch(/correct horse|\$6\$/);
    expect(await names()).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
  });

  test('as JSON', async () => {
    const { stdout } = await make('web-1', '--dry-run', '--json', '--count', '2');
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({
      type: 'plan',
      machines: [{ name: 'web-1', user: 'isabell' }, { name: 'web-2' }],
    });
    expect(plan.machines[0].seed['user-data']).toContain('isabell');
  });
});

test('--json: every line is an object, and the last ones tell what came of each', async () => {
  const { code, stdout, stderr } = await make('web-1', '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect([code, stderr]).toEqual([0, '']);
  expect(lines.filter(({ type }) => type === 'step').map(({ step, state }) => `${step} ${state}`)).toEqual(
    ['base', 'disk', 'seed', 'define', 'start'].flatMap((step) => [`${step} running`, `${step} done`]),
  );
  expect(lines.at(-1)).toMatchObject({
    type: 'end',
    machine: 'web-1',
    state: 'up',
    source: 'agent',
    ssh: expect.stringMatching(/^ssh isabell@192\.168\.122\.\d+$/),
  });
});

test('no address in time: a code of its own, what is pending, and the console’s last lines', async () => {
  await close();
  await serve(1);
  const { code, stdout, stderr } = await make('web-1', '--timeout', '2s');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain('error: web-1 exists and runs, but: no DHCP lease and no agent yet\n');
  expect(stderr).toContain('virtdeck console web-1');
  expect(await names()).toContain('web-1');
});

test('Ctrl-C in the middle takes everything back and says so', async () => {
  const abort = new AbortController();
  let said = '';
  const stderr = {
    write: (text: string) => {
      said += text;
      if (text.includes('Make the disk')) abort.abort();
    },
  };
  const { code, stdout } = await runWith(
    { signal: abort.signal, stderr },
    ...['web-1', '--image', image, '--ssh-key', key],
  );
  expect([code, stdout]).toEqual([130, '']);
  expect(said).toMatch(/undone: volume web-1\.qcow2 of the pool default\n[\s\S]*web-1 was cancelled\n/);
  expect(await names()).toEqual([]);
});

test('a step that fails: which, why, and that it is undone', async () => {
  lab.faults.add({
    fault: 'error',
    code: 38,
    procedure: 'DOMAIN_CREATE_WITH_FLAGS',
    message: 'no space',
    times: 1,
  });
  const { code, stderr } = await make('web-1');
  expect(code).toBe(1);
  expect(stderr).toContain('Start the domain web-1: failed\n');
  expect(stderr).toContain('undone: domain web-1\n');
  expect(stderr).toContain('error: web-1 was not made: no space\nstep: Start the domain web-1\n');
  expect(await names()).toEqual([]);
});

describe('what is not active', () => {
  beforeEach(async () => {
    const hypervisor = await openHypervisor(uri);
    await hypervisor.networks.stop(await hypervisor.networks.lookup('default'));
    await hypervisor.close();
  });

  test('is an error for a script, with the way out', async () => {
    const { code, stderr } = await make('web-1', '--network', 'default');
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: the network default is not active\nhint: Start it: virsh net-start default, or let --yes do it\n',
    );
  });

  test('is started with --yes', async () => {
    const { code, stderr } = await make('web-1', '--network', 'default', '--yes');
    expect(code).toBe(0);
    expect(stderr).toContain('Start the network default: done\n');
  });
});

test('what was cut off is told at the next start, listed, and removed', async () => {
  await make('web-1', '--no-wait');
  const hypervisor = await openHypervisor(uri);
  const { uuid } = await hypervisor.lookupDomain('web-1');
  await hypervisor.close();
  const pool = 'default';
  const made = [
    { kind: 'volume', pool, name: 'web-1.qcow2' },
    { kind: 'volume', pool, name: 'web-1-seed.iso' },
    { kind: 'domain', name: 'web-1', uuid },
  ].map((one) => ({ made: one, machine: 'web-1', sure: true }));
  const record = {
    version: 1,
    id: 'a',
    connection: uri,
    uri: 'qemu:///system',
    startedAt: '2026-01-01T00:00:00.000Z',
    process: { pid: 2 ** 22 + 1, started: '1' },
    requests: [{ name: 'web-1', source: { kind: 'empty' }, start: false, startInactive: false }],
    made,
    finished: [],
  };
  const creations = join(folder, 'state', 'virtdeck', 'creations');
  await mkdir(creations, { recursive: true });
  await writeFile(join(creations, 'a.json'), JSON.stringify(record));
  expect((await make('web-2', '--no-wait')).stderr).toContain(
    'hint: not finished earlier: web-1. virtdeck create --cleanup',
  );
  const listed = await run('--cleanup');
  expect(listed.code).toBe(1);
  expect(listed.stdout).toContain(`web-1 on ${uri}, begun 2026-01-01`);
  expect(listed.stdout).toContain('  volume web-1.qcow2 of the pool default\n');
  expect((await run('--cleanup', '--remove')).code).toBe(0);
  const left = await names();
  expect(left.filter((name) => name.startsWith('web-1'))).toEqual([]);
  expect(left).toContain('web-2');
  expect((await run('--cleanup')).stdout).toBe('Nothing is left of creations that were cut off.\n');
});

test('it is finished from what was asked for', async () => {
  const creations = join(folder, 'state', 'virtdeck', 'creations');
  await mkdir(creations, { recursive: true });
  const request = { name: 'web-7', source: { kind: 'empty' }, start: false, startInactive: false };
  const record = {
    version: 1,
    id: 'b',
    connection: uri,
    uri: 'qemu:///system',
    startedAt: '2026',
    requests: [request],
  };
  const nobody = { pid: 2 ** 22 + 1, started: '1' };
  await writeFile(
    join(creations, 'b.json'),
    JSON.stringify({ ...record, process: nobody, made: [], finished: [] }),
  );
  const { code, stdout } = await run('--cleanup', '--finish');
  expect(code).toBe(0);
  expect(stdout).toContain('web-7 is made\n');
  expect(await names()).toEqual(['web-7', 'web-7.qcow2']);
});

describe('usage', () => {
  test.each([
    [[], /give the VM a name/],
    [['a', 'b'], /one name only/],
    [['a/b'], /no slash/],
    [['web-1', '--image', 'x', '--pxe'], /one of --image, --pxe, not all of them/],
    [['web-1', '--memory', '5 parsecs'], /--memory: "parsecs" is no unit/],
    [['web-1', '--vcpus', 'two'], /--vcpus is a whole number/],
    [['web-1', '--graphics', 'gtk'], /--graphics is one of vnc, spice, none/],
    [['web-1', '--password', 'hunter2'], /seen by everybody/],
    [['web-1', '--image', 'debina'], /there is no image "debina"/],
    [['web-1', '--timeout', 'soon'], /--timeout is a time/],
    [['web-1', '--count', '0'], /--count is a number from 1/],
    [['web-1', '--user-data', 'a', '--user-data-only', 'b'], /not both/],
    [['web-1', '--ssh-key', '/nonexistent.pub'], /--ssh-key: /],
    [['web-1', '--os', 'plan9'], /--os: "plan9" is not known here/],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('hunter2');
  });

  test('a flag that says no', async () => {
    const { stdout } = await make(
      'web-1',
      '--dry-run',
      '--no-agent',
      '--no-sudo',
      '--no-network',
      '--no-start',
    );
    expect(stdout).not.toMatch(/qemu-guest-agent"|NOPASSWD|<interface|Start the domain/);
    const { stdout: bare } = await make('web-1', '--dry-run', '--no-cloud-init');
    expect(bare).not.toContain('seed');
  });
});

test('--images: what is known by name, and a person’s own', async () => {
  await mkdir(join(folder, 'config', 'virtdeck'), { recursive: true });
  const own = 'images:\n  - {id: lab-debian, url: "https://mirror.lab/d.qcow2", user: me}\n';
  await writeFile(join(folder, 'config', 'virtdeck', 'config.yaml'), own);
  const { stdout } = await run('--images');
  expect(stdout).toMatch(/ lab-debian +lab-debian +me +-\n debian-12 +Debian 12/);
  expect(JSON.parse((await run('--images', '--json')).stdout)[0]).toMatchObject({ id: 'lab-debian' });
});

test('nothing secret is written down while it runs', async () => {
  const file = join(folder, 'password');
  await writeFile(file, 'correct horse battery');
  let journal = '';
  const stderr = {
    write: (text: string) => {
      if (!text.includes('Define')) return;
      const creations = join(folder, 'state', 'virtdeck', 'creations');
      void readdir(creations).then(async ([name = '']) => {
        journal += await readFile(join(creations, name), 'utf8').catch(() => '');
      });
    },
  };
  const words = ['web-1', '--image', image, '--ssh-key', key, '--password-file', file, '--no-wait'];
  expect((await runWith({ stderr }, ...words)).code).toBe(0);
  expect(journal).not.toContain('correct horse');
});
