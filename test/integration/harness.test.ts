import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { booted, makeBootDisk } from '../support/boot-disk.js';
import { defineDomain, defineTestDomains, qemuDomainXml } from '../support/domains.js';
import { guestPids } from '../support/guest-processes.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { cleanUpSystem, systemVirsh, testPrefix } from '../support/system-libvirtd.js';

requires('libvirtd', 'qemu')('the private libvirtd', () => {
  let daemon: PrivateLibvirtd;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'harness' });
  });

  afterAll(async () => {
    await daemon?.stop();
  });

  test('shares the test driver’s domains between clients', async () => {
    const domains = await defineTestDomains(daemon, 20);
    const listed = (await daemon.virshOk(['list', '--all', '--name'])).split('\n');
    expect(listed).toEqual(expect.arrayContaining([...domains.names, 'test']));
    await domains.close();
    expect((await daemon.virshOk(['list', '--all', '--name'])).trim()).toBe('test');
  });

  test('a command that fails is a result', async () => {
    const { exitCode, stderr } = await daemon.virsh(['start', 'no-such-domain']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("failed to get domain 'no-such-domain'");
  });

  test('a running guest survives its daemon, and both end with stop', async () => {
    const uri = daemon.qemuUri;
    await defineDomain(daemon, uri, qemuDomainXml('survivor'));
    await daemon.virshOk(['start', 'survivor'], { uri });
    await daemon.kill();
    expect((await daemon.virsh(['list'], { uri })).exitCode).not.toBe(0);
    await daemon.restart();
    expect((await daemon.virshOk(['domstate', 'survivor'], { uri })).trim()).toBe('running');
    await daemon.stop();
    expect(guestPids(daemon.folder)).toEqual([]);
    expect(existsSync(daemon.folder)).toBe(false);
  });

  test('a daemon that cannot start says why', async () => {
    await expect(PrivateLibvirtd.start({ config: 'nonsense = {' })).rejects.toThrow('syntax error');
  });
});

requires('libvirtd', 'qemu')('a guest that obeys', () => {
  test('powers off at the ACPI button', async () => {
    await using daemon = await PrivateLibvirtd.start({ name: 'acpi' });
    const uri = daemon.qemuUri;
    const boot = await makeBootDisk(daemon.folder, 'obedient');
    await defineDomain(daemon, uri, qemuDomainXml('obedient', { boot }));
    await daemon.virshOk(['start', 'obedient'], { uri });
    await booted(boot);
    await daemon.virshOk(['shutdown', 'obedient'], { uri });
    await vi.waitFor(
      async () => {
        expect((await daemon.virshOk(['domstate', 'obedient'], { uri })).trim()).toBe('shut off');
      },
      { timeout: 20_000, interval: 100 },
    );
  });
});

requires(
  'libvirtd',
  'qemu',
  'root',
)('the machine’s libvirtd', () => {
  test('is swept of what tests leave, and of nothing else', async () => {
    const before = (await systemVirsh(['list', '--all', '--name'])).stdout;
    const name = `${testPrefix}sweep`;
    const folder = await mkdtemp(join(tmpdir(), 'vd-sweep-'));
    await writeFile(join(folder, 'domain.xml'), qemuDomainXml(name));
    expect((await systemVirsh(['define', join(folder, 'domain.xml')])).stderr).toBe('');
    await rm(folder, { recursive: true });
    expect((await systemVirsh(['start', name])).stderr).toBe('');
    await cleanUpSystem();
    expect((await systemVirsh(['list', '--all', '--name'])).stdout).toBe(before);
  });
});
