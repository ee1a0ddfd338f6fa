import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { list } from '../../source/commands/list/list.js';
import { powerCommand } from '../../source/commands/power.js';
import { runCommand } from '../support/command-io.js';
import { defineTestDomains, type TestDomains } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { twoFaces } from '../support/two-faces.js';

describe('one-shot commands against a real libvirtd', () => {
  let daemon: PrivateLibvirtd;
  let domains: TestDomains;
  let connect: string[];

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'cmd' });
    domains = await defineTestDomains(daemon, 20);
    connect = [daemon.testUri];
  });

  afterAll(async () => {
    await domains?.close();
    await daemon?.stop();
  });

  const virsh = async (...args: string[]) => (await daemon.virsh(args)).stdout;
  const stateOf = async (name: string) => (await virsh('domstate', name)).trim();

  it.each([
    [{}, []],
    [{ all: true }, ['--all']],
    [{ inactive: true }, ['--inactive']],
  ])('lists the names that virsh lists, in its order: %j', async (flags, virshFlags) => {
    const ours = await runCommand(list, [], { connect, name: true, ...flags });
    expect(ours.code).toBe(0);
    expect(ours.stdout.trim()).toBe((await virsh('list', '--name', ...virshFlags)).trim());
  });

  it('shows id, name and state as virsh does', async () => {
    const cells = (text: string) =>
      text
        .split('\n')
        .slice(2)
        .map((line) => /^ *(\S+) +(\S+) +(running|shut off)/.exec(line)?.slice(1));
    const ours = await runCommand(list, [], { connect, all: true });
    expect(cells(ours.stdout)).toEqual(cells(await virsh('list', '--all')));
  });

  it('says the same of every domain as the Manager, of a driver without statistics as well', async () => {
    await virsh('start', 'vm-0003');
    try {
      const { command, screen } = await twoFaces(daemon.testUri);
      expect(screen).toEqual(command);
      const memory = expect.stringMatching(/^1 \/ 1 GiB$/);
      expect(command['vm-0003']).toMatchObject({ State: 'running', vCPU: '2', Memory: memory });
      expect(command['vm-0004']).toEqual({ Id: '', State: 'shut off', vCPU: '2', Memory: '' });
    } finally {
      await virsh('destroy', 'vm-0003');
    }
  });

  it('lists the other hosts when one fails, says why it failed, and exits with 1', async () => {
    const missing = `test+unix:///default?socket=${daemon.folder}/nothing`;
    const { code, stdout, stderr } = await runCommand(list, [], {
      connect: [missing, ...connect],
      name: true,
    });
    expect(code).toBe(1);
    expect(stdout).toBe('test\n');
    expect(stderr).toContain('there is no socket');
    expect(stderr).toContain('hint:');
  });

  it('prints no empty table when its only host fails', async () => {
    const { code, stdout, stderr } = await runCommand(list, [], {
      connect: ['qemu+unix:///system?socket=/nothing'],
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: qemu\+unix/);
  });

  it('takes the host from LIBVIRT_DEFAULT_URI', async () => {
    const { stdout } = await runCommand(
      list,
      [],
      { name: true },
      { env: { LIBVIRT_DEFAULT_URI: daemon.testUri } },
    );
    expect(stdout).toBe('test\n');
  });

  it('takes the hosts, and their names, from the settings', async () => {
    const home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    try {
      await mkdir(join(home, 'virtdeck'));
      const yaml = `connections:\n  - name: mine\n    uri: ${daemon.testUri}\n`;
      await writeFile(join(home, 'virtdeck', 'config.yaml'), yaml);
      const env = { XDG_CONFIG_HOME: home };
      const listed = await runCommand(list, [], { json: true }, { env });
      expect(JSON.parse(listed.stdout)).toMatchObject([{ connection: 'mine', name: 'test' }]);
      const byName = await runCommand(list, [], { connect: ['mine'], name: true }, { env });
      expect(byName.stdout).toBe('test\n');
    } finally {
      await rm(home, { recursive: true });
    }
  });

  it.each([
    [['extra'], {}, 'unexpected argument'],
    [[], { all: true, inactive: true }, 'exclude each other'],
    [[], { json: true, csv: true }, 'exclude each other'],
    [[], { interval: Number.NaN }, '--interval'],
  ])('refuses wrong usage: %j %j', async (input, flags, message) => {
    const { code, stderr } = await runCommand(list, input, flags);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('carries out the power commands, and virsh sees it', async () => {
    const name = 'vm-0001';
    const steps = [
      ['start', 'running', 'started'],
      ['suspend', 'paused', 'suspended'],
      ['resume', 'running', 'resumed'],
      ['shutdown', 'shut off', 'is shut off'],
      ['start', 'running', 'started'],
      ['destroy', 'shut off', 'destroyed'],
    ] as const;
    for (const [command, state, said] of steps) {
      const result = await runCommand(powerCommand(command, ''), [name], { connect, wait: true });
      expect(result).toEqual({ code: 0, stdout: `Domain '${name}' ${said}\n`, stderr: '' });
      expect(await stateOf(name)).toBe(state);
    }
  });

  it('acts on several domains; one that fails does not stop the others', async () => {
    const names = ['vm-0002', 'nobody', 'vm-0003'];
    const { code, stdout, stderr } = await runCommand(powerCommand('start', ''), names, { connect });
    expect(code).toBe(1);
    expect(stderr).toContain("failed to get domain 'nobody'");
    expect(stdout.split('\n').sort()).toEqual(['', "Domain 'vm-0002' started", "Domain 'vm-0003' started"]);
    expect(await stateOf('vm-0003')).toBe('running');
  });

  it("shows libvirt's own message when it refuses", async () => {
    const { code, stderr } = await runCommand(powerCommand('start', ''), ['test'], { connect });
    expect(code).toBe(1);
    expect(stderr).toContain("error: Failed to start domain 'test':");
    expect(stderr).toContain('already running');
  });

  it('does not guess between two hosts that have the name', async () => {
    const { code, stderr } = await runCommand(powerCommand('shutdown', ''), ['test'], {
      connect: [...connect, ...connect],
    });
    expect(code).toBe(1);
    expect(stderr).toContain('more than one host');
    expect(await stateOf('test')).toBe('running');
  });

  it('gives up waiting when told to, and says that the host accepted', async () => {
    // The test driver accepts a reboot and reports no event for it.
    const flags = { connect, wait: true, timeout: 0.2 };
    const { code, stderr } = await runCommand(powerCommand('reboot', ''), ['test'], flags);
    expect(code).toBe(1);
    expect(stderr).toContain('accepted by the host, but not done after 0.2 s');
  });

  it('asks which domain when none is named', async () => {
    const { code, stderr } = await runCommand(powerCommand('start', ''), [], { connect });
    expect(code).toBe(2);
    expect(stderr).toContain('which domain?');
  });
});
