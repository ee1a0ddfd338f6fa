import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBed, key } from './bed.js';

const bed = createBed();
const { run, make, runBare } = bed;

describe('a wrong command line is told before any host is asked', () => {
  test.each([
    [[], /give the VM a name/],
    [['a', 'b'], /one name only/],
    [['a/b'], /no slash/],
    [['web-1', '--image', 'x', '--pxe'], /one of --image, --pxe, not all of them/],
    [['web-1', '--memory', '5 parsecs'], /--memory: "parsecs" is no unit/],
    [['web-1', '--vcpus', 'two'], /--vcpus is a whole number/],
    [['web-1', '--graphics', 'gtk'], /--graphics is one of vnc, spice, none, not "gtk"/],
    [['web-1', '--password', 'hunter2'], /seen by everybody/],
    [['web-1', '--image', 'debina'], /there is no image "debina"/],
    [['web-1', '--timeout', 'soon'], /--timeout is a time.*, not "soon"/],
    [['web-1', '--count', '0'], /--count is a number from 1 to 100, not 0/],
    [['web-1', '--user-data', 'a', '--user-data-only', 'b'], /not both/],
    [['web-1', '--ssh-key', '/nonexistent.pub'], /--ssh-key: /],
    [['web-1', '--os', 'plan9'], /--os: "plan9" is not known here/],
    [['web-1', '--mac', 'zz'], /--mac: "zz" is no address of a card/],
    [['web-1', '--mac', '01:00:5e:00:00:01'], /is no address of a card/],
    [['web-1', '--mac', '52:54:00:12:34:56', '--no-network'], /--mac needs a network/],
    [['web-1', '--disk', '99999999999999999999'], /more than any storage holds/],
    [['web-1', '--gateway', '192.0.2.1'], /--gateway needs --address/],
    [['web-1', '--pxe', '--user', 'me'], /--user is for cloud-init/],
    [['web-1', '--no-cloud-init', '--package', 'vim'], /--package is for cloud-init/],
    [['web-1', '--empty', '--copy'], /--copy is for an image/],
    [['web-1', '--import', 'default/a.qcow2', '--disk', '5G'], /--disk is of a new disk/],
    [['web-1', '--ssh-key', key, '--no-ssh-key'], /or --no-ssh-key, not both/],
    [['web-1', '--ssh-key', key, '--user-data-only', 'a'], /--ssh-key would be left out/],
    [['web-1', '--remove'], /--remove needs --cleanup/],
    [['web-1', '--cleanup'], /leave out the name/],
    [['--cleanup', '--dry-run'], /--dry-run is not for --cleanup/],
    [['web-1', '--password-file', '/nonexistent'], /--password-file: /],
    // Each of these would be the same for all of them.
    [['web-1', '--count', '2', '--mac', '52:54:00:12:34:56'], /--mac is of one VM only/],
    [['web-1', '--count', '2', '--address', '192.0.2.5/24'], /--address is of one VM only/],
    [['web-1', '--count', '2', '--hostname', 'web'], /--hostname is of one VM only/],
    [['web-1', '--count', '2', '--import', 'default/a.qcow2'], /--import is of one VM only/],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('hunter2');
  });
});

test.each(['network', 'bridge', 'address', 'ssh-key', 'package', 'run'])('--%s of nothing', async (name) => {
  const { code, stderr } = await make('web-1', '--dry-run', `--${name}`, '');
  expect([code, stderr]).toEqual([2, expect.stringContaining(`--${name} has no value\n`)]);
});

test('a flag that says no', async () => {
  const { code, stdout } = await make(
    ...['web-1', '--dry-run', '--no-agent', '--no-sudo', '--no-network', '--no-start'],
  );
  expect(code).toBe(0);
  expect(stdout).toContain('isabell');
  expect(stdout).not.toMatch(/qemu-guest-agent"|NOPASSWD|<interface|Start the domain/);
});

test('--no-ssh-key: none of those that are there', async () => {
  await mkdir(join(bed.folder, '.ssh'));
  await writeFile(join(bed.folder, '.ssh', 'id_ed25519.pub'), `${key}\n`);
  const words = ['web-1', '--image', bed.image, '--user', 'isabell', '--dry-run'];
  expect((await run(...words)).stdout).toContain(
    'AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV',
  );
  const without = await run(...words, '--no-ssh-key');
  expect(without.code).toBe(0);
  expect(without.stdout).not.toContain('ssh-ed25519');
  expect(without.stderr).toContain('isabell has neither an SSH key nor a password');
});

test('--no-cloud-init makes no seed', async () => {
  const { code, stdout } = await run('web-1', '--image', bed.image, '--dry-run', '--no-cloud-init');
  expect(code).toBe(0);
  expect(stdout).toContain('Define the domain web-1');
  expect(stdout).not.toContain('seed');
});

test('bare numbers are MiB of memory and GiB of disk', async () => {
  const { stdout } = await make('web-1', '--dry-run', '--memory', '512', '--disk', '7');
  expect(stdout).toContain('<memory unit="KiB">524288</memory>');
  expect(stdout).toContain('Make the disk web-1.qcow2 (7 GiB)');
});

test('user-data that is used alone says itself who logs in', async () => {
  const file = join(bed.folder, 'own.yaml');
  await writeFile(file, '#cloud-config\nusers: [{name: somebody}]\n');
  const words = ['web-1', '--image', bed.image, '--user-data-only', file, '--dry-run', '--json'];
  const [line = ''] = (await run(...words)).stdout.split('\n').filter((text) => text.includes('"plan"'));
  expect(JSON.parse(line).machines[0]).not.toHaveProperty('user');
});

describe('several connections', () => {
  async function settings(...uris: readonly string[]): Promise<void> {
    const folder = join(bed.folder, 'config', 'virtdeck');
    await mkdir(folder, { recursive: true });
    const lines = uris.map((uri, index) => `  - {name: host-${index}, uri: "${uri}"}\n`);
    await writeFile(join(folder, 'config.yaml'), `connections:\n${lines.join('')}`);
  }
  const plan = () => runBare({}, 'web-1', ...bed.madeOf(), '--dry-run');

  test('the only one that is this machine is meant', async () => {
    await settings('qemu+ssh://far.example/system', bed.uri);
    expect(await plan()).toMatchObject({ code: 0, stdout: expect.stringContaining('<name>web-1</name>') });
  });

  test('of two that could be meant both are named', async () => {
    await settings(bed.uri, 'qemu:///system');
    const { code, stdout, stderr } = await plan();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('say on which host: -c one of host-0, host-1\n');
  });

  test('-c twice is one too many', async () => {
    const { code, stderr } = await run('web-1', ...bed.madeOf(), '-c', 'qemu:///session');
    expect(code).toBe(2);
    expect(stderr).toContain(`-c one of ${bed.uri}, qemu:///session`);
  });
});
