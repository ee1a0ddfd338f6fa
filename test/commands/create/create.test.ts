import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { Site } from '../../provision/images/site.js';
import { createBed, key } from './bed.js';

const bed = createBed();
const { run, make, names } = bed;

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
    const file = join(bed.folder, 'password');
    await writeFile(file, 'correct horse battery\n');
    const before = await readdir(bed.folder);
    const { code, stdout } = await make('web-1', '--dry-run', '--password-file', file, '--package', 'htop');
    expect(code).toBe(0);
    expect(stdout).toContain('  Define the domain web-1\n');
    expect(stdout).toContain('<name>web-1</name>');
    expect(stdout).toContain('"htop"');
    expect(stdout).toContain('********');
    expect(stdout).not.toMatch(/correct horse|\$6\$/);
    expect(await names()).toEqual([]);
    expect(await readdir(bed.folder)).toEqual(before);
  });
});

test('no address in time: a code of its own, what is pending, and the console’s last lines', async () => {
  await bed.serve(1);
  const { code, stdout, stderr } = await make('web-1', '--timeout', '2s');
  expect([code, stdout]).toEqual([3, '']);
  expect(stderr).toContain(`error: ${bed.uri}: web-1 exists and runs, but: no DHCP lease and no agent yet\n`);
  // The command as it can be typed: the socket's URI has a character of the shell's.
  expect(stderr).toContain(`virtdeck console web-1 -c '${bed.uri}'`);
  expect(stderr).toMatch(/The last lines of its console:\n {2}\S/);
  expect(await names()).toContain('web-1');
});

test('an image of a site: it says whether anybody knows its checksum', async () => {
  const data = await readFile(bed.image);
  const site = await Site.open({ 'disk.img': data });
  try {
    const words = ['--ssh-key', key, '--no-wait', '--image'];
    const unknown = await run('web-1', ...words, site.url('disk.img'));
    expect(unknown.stderr).toMatch(/Get the image \S+disk\.img \(.*\): 195\.3 KiB, no checksum is known\n/);
    const digest = createHash('sha256').update(data).digest('hex');
    const known = await run('web-2', ...words, `${site.url('disk.img')}#sha256=${digest}`);
    expect(known.stderr).toMatch(/Get the image .*: 195\.3 KiB, checksum verified\n/);
    const wrong = await run('web-3', ...words, `${site.url('disk.img')}#sha256=${'0'.repeat(64)}`);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('the checksum is wrong') });
  } finally {
    await site.close();
  }
});

test('a step that fails: which, why, and that it is undone', async () => {
  bed.lab.faults.add({
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
  expect(stderr).toContain(`error: ${bed.uri}: web-1 was not made: no space\nstep: Start the domain web-1\n`);
  expect(await names()).toEqual([]);
});

test('what cannot be taken back is named, with the command that removes it on that host', async () => {
  bed.lab.faults.add({
    fault: 'error',
    code: 38,
    procedure: 'DOMAIN_CREATE_WITH_FLAGS',
    message: 'no space',
  });
  const busy = { fault: 'error', code: 38, procedure: 'STORAGE_VOL_DELETE', message: 'busy' } as const;
  bed.lab.faults.add({ ...busy, domain: 'web-1.qcow2' });
  const { code, stderr } = await make('web-1');
  expect(code).toBe(1);
  expect(stderr).toContain(
    `error: left behind: volume web-1.qcow2 of the pool default: busy\nhint: virtdeck vol delete default web-1.qcow2 -c '${bed.uri}', or virtdeck create --cleanup\n`,
  );
  bed.lab.faults.clear();
});

describe('what is not active', () => {
  beforeEach(async () => {
    const hypervisor = await openHypervisor(bed.uri);
    await hypervisor.networks.stop(await hypervisor.networks.lookup('default'));
    await hypervisor.close();
  });

  test('is an error for a script, with the way out', async () => {
    const { code, stderr } = await make('web-1', '--network', 'default');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: --network: the network default is not active\nhint: Let --yes start it, or by hand: virtdeck net start default -c '${bed.uri}'\n`,
    );
  });

  test('is started with --yes', async () => {
    const { code, stderr } = await make('web-1', '--network', 'default', '--yes');
    expect(code).toBe(0);
    expect(stderr).toContain('Start the network default: done\n');
  });
});

test('what was cut off is told at the next start, listed, and removed', async () => {
  await make('web-1', '--no-start');
  const hypervisor = await openHypervisor(bed.uri);
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
    connection: bed.uri,
    uri: 'qemu:///system',
    startedAt: '2026-01-01T00:00:00.000Z',
    process: { pid: 2 ** 22 + 1, started: '1' },
    requests: [{ name: 'web-1', source: { kind: 'empty' }, start: false, startInactive: false }],
    made,
    finished: [],
  };
  const creations = join(bed.folder, 'state', 'virtdeck', 'creations');
  await mkdir(creations, { recursive: true });
  await writeFile(join(creations, 'a.json'), JSON.stringify(record));
  expect((await make('web-2', '--no-wait')).stderr).toContain(
    'hint: not finished earlier: web-1. virtdeck create --cleanup',
  );
  const listed = await run('--cleanup');
  expect(listed.code).toBe(1);
  expect(listed.stdout).toContain(`web-1 on ${bed.uri}, begun 2026-01-01`);
  expect(listed.stdout).toContain('  volume web-1.qcow2 of the pool default\n');
  expect((await run('--cleanup', '--remove')).code).toBe(0);
  const left = await names();
  expect(left.filter((name) => name.startsWith('web-1'))).toEqual([]);
  expect(left).toContain('web-2');
  expect((await run('--cleanup')).stdout).toBe('Nothing is left of creations that were cut off.\n');
});

test('it is finished from what was asked for; for a script as JSON, with one result', async () => {
  const creations = join(bed.folder, 'state', 'virtdeck', 'creations');
  await mkdir(creations, { recursive: true });
  const request = { name: 'web-7', source: { kind: 'empty' }, start: false, startInactive: false };
  const record = {
    version: 1,
    id: 'b',
    connection: bed.uri,
    uri: 'qemu:///system',
    startedAt: '2026',
    requests: [request],
  };
  const nobody = { pid: 2 ** 22 + 1, started: '1' };
  await writeFile(
    join(creations, 'b.json'),
    JSON.stringify({ ...record, process: nobody, made: [], finished: [] }),
  );
  const found = { type: 'cut-off', host: bed.uri, begun: '2026', machines: ['web-7'], made: [] };
  const lines = ({ stdout }: { readonly stdout: string }) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const listed = await run('--cleanup', '--json');
  expect(listed).toMatchObject({ code: 1, stderr: '' });
  expect(lines(listed)).toEqual([found, { type: 'result', code: 1, machines: [] }]);
  const done = await run('--cleanup', '--finish', '--json');
  expect(done.code).toBe(0);
  expect(lines(done)[0]).toEqual(found);
  expect(lines(done).filter(({ type }) => type === 'result')).toEqual([
    { type: 'result', code: 0, host: bed.uri, machines: [{ name: 'web-7', state: 'made' }] },
  ]);
  expect(lines(await run('--cleanup', '--json'))).toEqual([{ type: 'result', code: 0, machines: [] }]);
  expect(await names()).toEqual(['web-7', 'web-7.qcow2']);
});

test('--images: what is known by name, and a person’s own', async () => {
  await mkdir(join(bed.folder, 'config', 'virtdeck'), { recursive: true });
  const own = 'images:\n  - {id: lab-debian, url: "https://mirror.lab/d.qcow2", user: me}\n';
  await writeFile(join(bed.folder, 'config', 'virtdeck', 'config.yaml'), own);
  const { stdout } = await run('--images');
  expect(stdout).toMatch(/ lab-debian +lab-debian +me +-\n debian-12 +Debian 12/);
  expect(JSON.parse((await run('--images', '--json')).stdout)[0]).toMatchObject({ id: 'lab-debian' });
});
