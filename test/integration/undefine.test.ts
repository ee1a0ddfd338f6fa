import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { undefine } from '../../source/commands/undefine.js';
import { type CommandResult, runCommand } from '../support/command-io.js';
import { defineDomain, qemuDomainXml } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';

requires('libvirtd', 'qemu')('undefine against a real libvirtd, with virsh as the witness', () => {
  let daemon: PrivateLibvirtd;
  let home: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'undef' });
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    await virsh('pool-define-as', 'images', 'dir', '--target', join(daemon.folder, 'images'));
    await virsh('pool-build', 'images');
    await virsh('pool-start', 'images');
    await virsh('vol-create-as', 'images', 'base.qcow2', '10M', '--format', 'qcow2');
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(home, { recursive: true, force: true });
  });

  beforeEach(async () => {
    for (const name of ['web-1', 'web-2']) {
      const base = ['--backing-vol', 'base.qcow2', '--backing-vol-format', 'qcow2'];
      await virsh('vol-create-as', 'images', `${name}.qcow2`, '10M', '--format', 'qcow2', ...base);
      await virsh('vol-create-as', 'images', `${name}-seed.iso`, '1M', '--format', 'raw');
      await define(name);
    }
  });

  afterEach(async () => {
    for (const name of ['web-1', 'web-2']) {
      for (const command of ['destroy', 'undefine'])
        await daemon.virsh([command, name], { uri: daemon.qemuUri });
      for (const volume of [`${name}.qcow2`, `${name}-seed.iso`])
        await daemon.virsh(['vol-delete', volume, 'images'], { uri: daemon.qemuUri });
    }
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const path = (name: string): string => join(daemon.folder, 'images', name);
  const define = (name: string): Promise<void> => {
    const devices = `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='${path(`${name}.qcow2`)}'/><target dev='hda' bus='ide'/></disk>
      <disk type='file' device='cdrom'><source file='${path(`${name}-seed.iso`)}'/>
      <target dev='hdc' bus='ide'/><readonly/></disk>`;
    const note = `<metadata><virtdeck:vm xmlns:virtdeck='https://virtdeck.dev/domain/1.0'
      image='debian-12' seed='${path(`${name}-seed.iso`)}'/></metadata><memory`;
    const xml = qemuDomainXml(name, { devices }).replace('<memory', note);
    return defineDomain(daemon, daemon.qemuUri, xml);
  };
  const run = (words: string, flags: Record<string, unknown> = {}): Promise<CommandResult> =>
    runCommand(
      undefine,
      words.split(' '),
      { connect: [daemon.qemuUri], ...flags },
      { env: { XDG_CONFIG_HOME: home } },
    );
  const domains = async () => (await virsh('list', '--all', '--name')).trim().split(/\s+/).sort().join(' ');
  const volumes = async () =>
    (await virsh('vol-list', 'images')).split('\n').flatMap((line) => /^ (\S+) +\//.exec(line)?.[1] ?? []);

  it('takes the seed with the domain, and all its disks when told so; the base stays', async () => {
    expect(await run('web-1')).toEqual({
      code: 0,
      stdout: "Domain 'web-1' has been undefined\nVolume 'web-1-seed.iso' of pool 'images' removed\n",
      stderr: '',
    });
    expect(await domains()).toBe('web-2');
    expect(await volumes()).toEqual(['base.qcow2', 'web-1.qcow2', 'web-2-seed.iso', 'web-2.qcow2']);
    expect((await run('web-2', { 'remove-all-storage': true })).code).toBe(0);
    expect(await domains()).toBe('');
    expect(await volumes()).toEqual(['base.qcow2', 'web-1.qcow2']);
  });

  it('forces a running one off when told so, and takes managed save and snapshots’ metadata', async () => {
    await virsh('start', 'web-1');
    expect((await run('web-1')).stderr).toContain('the domain is running');
    expect((await virsh('domstate', 'web-1')).trim()).toBe('running');
    expect((await run('web-1', { force: true })).code).toBe(0);
    await virsh('snapshot-create-as', 'web-2', 'before');
    await virsh('start', 'web-2');
    await virsh('managedsave', 'web-2');
    expect((await run('web-2')).code).toBe(0);
    expect(await domains()).toBe('');
  });

  it('knows the seed of a domain whose name is not ASCII: libvirt writes it back in references', async () => {
    const name = 'Büro-🐧';
    const before = await volumes();
    await virsh('vol-create-as', 'images', `${name}.qcow2`, '10M', '--format', 'qcow2');
    await virsh('vol-create-as', 'images', `${name}-seed.iso`, '1M', '--format', 'raw');
    await define(name);
    expect(await virsh('dumpxml', name)).toMatch(/seed="[^"]*B&#xFC;ro-&#x1F427;-seed.iso"/);
    expect(await run(name)).toMatchObject({
      code: 0,
      stdout: `Domain '${name}' has been undefined\nVolume '${name}-seed.iso' of pool 'images' removed\n`,
    });
    expect(await volumes()).not.toContain(`${name}-seed.iso`);
    await virsh('vol-delete', `${name}.qcow2`, 'images');
    expect(await volumes()).toEqual(before);
  });
});
