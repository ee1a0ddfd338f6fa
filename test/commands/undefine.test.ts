import { expect, test } from 'vitest';
import { undefine } from '../../source/commands/undefine.js';
import { vol } from '../../source/commands/vol/vol.js';
import { openLab } from '../../source/lab/open.js';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { type DiskSpec, domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { planRemovals } from '../../source/provision/remove-domain.js';
import { servedLabs } from './served-lab.js';

const serve = servedLabs();
const images = '/var/lib/libvirt/images';
const file = (
  name: string,
  device: DiskSpec['device'] = 'disk',
  bus: DiskSpec['bus'] = 'virtio',
): DiskSpec => ({
  device,
  bus,
  source: { type: 'file', path: `${images}/${name}` },
  format: name.endsWith('.qcow2') ? 'qcow2' : 'raw',
});

async function define(
  hypervisor: Hypervisor,
  name: string,
  disks: readonly DiskSpec[],
  noteMetadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const machine = { virtType: 'kvm', arch: 'x86_64', machine: 'q35', vcpus: 1, memory: 2 ** 28 };
  const rest = { cpu: 'default', firmware: 'bios', interfaces: [] } as const;
  await hypervisor.defineDomain(domainXml({ name, ...machine, ...rest, disks, noteMetadata }));
}

/** web-1 as virtdeck makes it, web-2 on the same base, and disks of other kinds. */
async function bed() {
  const lab = await serve({ domains: 0 });
  const hypervisor = await openLab(lab.lab);
  for (const [name, ...flags] of [
    ['debian.qcow2'],
    ['web-1.qcow2', '--backing', 'debian.qcow2'],
    ['web-2.qcow2', '--backing', 'debian.qcow2'],
    ['web-1-seed.iso', '--format', 'raw'],
    ['data.raw', '--format', 'raw'],
    ['shared.raw', '--format', 'raw'],
    ['install.iso', '--format', 'raw'],
  ] as const)
    expect((await lab.run(vol, 'create', 'default', name, '10M', ...flags)).stderr).toBe('');
  await define(
    hypervisor,
    'web-1',
    [
      file('web-1.qcow2'),
      file('data.raw'),
      file('shared.raw'),
      file('web-1-seed.iso', 'cdrom', 'scsi'),
      file('install.iso', 'cdrom', 'sata'),
    ],
    { seed: `${images}/web-1-seed.iso` },
  );
  await define(hypervisor, 'web-2', [file('web-2.qcow2'), file('shared.raw')]);
  const named = async (): Promise<readonly string[]> =>
    (await hypervisor.volumes.list(await hypervisor.pools.lookup('default'))).map(({ name }) => name);
  const before = await named();
  return {
    ...lab,
    hypervisor,
    /** Volumes that are gone since. */
    gone: async () => {
      const now = await named();
      return before.filter((name) => !now.includes(name)).sort();
    },
    domains: async () => (await hypervisor.listDomains()).map(({ name }) => name).sort(),
  };
}

test('a domain goes with its seed, and nothing else of it', async () => {
  const { run, gone, domains } = await bed();
  const { code, stdout, stderr } = await run(undefine, 'web-1');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe(
    "Domain 'web-1' has been undefined\nVolume 'web-1-seed.iso' of pool 'default' removed\n",
  );
  expect(await gone()).toEqual(['web-1-seed.iso']);
  expect(await domains()).toEqual(['web-2']);
});

test('the seed stays by --keep-storage, and where another domain uses it', async () => {
  const { run, gone, hypervisor } = await bed();
  await define(hypervisor, 'clone', [file('web-1-seed.iso', 'cdrom', 'scsi')], {
    seed: `${images}/web-1-seed.iso`,
  });
  expect((await run(undefine, 'clone')).code).toBe(0);
  expect(await gone()).toEqual([]);
  expect((await run(undefine, 'web-1', '--keep-storage')).code).toBe(0);
  expect(await gone()).toEqual([]);
});

test('all its disks go by --remove-all-storage, but no base, nothing shared, no medium', async () => {
  const { run, gone } = await bed();
  const { code, stderr } = await run(undefine, 'web-1', '--remove-all-storage', '--nvram');
  expect(code).toBe(0);
  expect(await gone()).toEqual(['data.raw', 'web-1-seed.iso', 'web-1.qcow2']);
  expect(stderr).toContain("note: volume 'shared.raw' stays: used by domain web-2");
  expect(stderr).toContain(
    "note: volume 'debian.qcow2' stays: used by domain web-2, volume default/web-2.qcow2",
  );
  expect(stderr).toContain("note: volume 'install.iso' stays: it lies in a drive");
});

test('volumes are chosen by target, path and name; what is not there or used stops all before it begins', async () => {
  const { run, gone, domains } = await bed();
  const wrong = await run(undefine, 'web-1', '--storage', 'vda,vdz');
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("'vdz' is no volume of it")]);
  const used = await run(undefine, 'web-1', '--storage', 'shared.raw');
  expect(used.stderr).toContain("'shared.raw' is used by domain web-2");
  expect(await domains()).toEqual(['web-1', 'web-2']);
  expect((await run(undefine, 'web-1', '--storage', `vda,${images}/data.raw,install.iso`)).code).toBe(0);
  expect(await gone()).toEqual(['data.raw', 'install.iso', 'web-1-seed.iso', 'web-1.qcow2']);
});

test('a running domain is left alone without --force', async () => {
  const { run, domains, hypervisor } = await bed();
  await hypervisor.start(await hypervisor.lookupDomain('web-1'));
  const refused = await run(undefine, 'web-1');
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the domain is running')]);
  expect((await hypervisor.lookupDomain('web-1')).id).not.toBe(-1);
  expect((await run(undefine, 'web-1', '--force')).code).toBe(0);
  expect(await domains()).toEqual(['web-2']);
});

test('a volume that cannot be deleted is told by name, the others go', async () => {
  const { run, gone, domains, lab } = await bed();
  lab.faults.add({
    fault: 'error',
    procedure: 'STORAGE_VOL_DELETE',
    code: 38,
    message: 'cannot unlink file: Read-only file system',
    times: 1,
  });
  const { code, stderr } = await run(undefine, 'web-1', '--remove-all-storage');
  expect(code).toBe(1);
  expect(stderr).toContain(
    "error: Failed to remove volume 'web-1.qcow2': cannot unlink file: Read-only file system",
  );
  expect(await domains()).toEqual(['web-2']);
  expect(await gone()).toEqual(['data.raw', 'web-1-seed.iso']);
});

test('a domain that stays keeps its volumes', async () => {
  const { run, gone, lab } = await bed();
  lab.faults.add({
    fault: 'error',
    procedure: 'DOMAIN_UNDEFINE_FLAGS',
    code: 55,
    message: 'not now',
    times: 1,
  });
  const { code, stderr } = await run(undefine, 'web-1', '--remove-all-storage');
  expect([code, stderr]).toEqual([1, expect.stringContaining("Failed to undefine domain 'web-1': not now")]);
  expect(await gone()).toEqual([]);
});

test('what is proposed: the seed and disks that stand on an image; never what others use', async () => {
  const { hypervisor } = await bed();
  const domain = (await hypervisor.listDomains()).find(({ name }) => name === 'web-1');
  const [plan] = domain === undefined ? [] : await planRemovals(hypervisor, [domain]);
  expect(plan?.volumes.map(({ volume, role, proposed }) => [volume.name, role, proposed])).toEqual([
    ['web-1.qcow2', 'disk', true],
    ['data.raw', 'disk', false],
    ['shared.raw', 'disk', false],
    ['web-1-seed.iso', 'seed', true],
    ['install.iso', 'medium', false],
    ['debian.qcow2', 'base', false],
  ]);
});

test('a note that names somebody’s volume makes no seed of it', async () => {
  const { run, gone, hypervisor } = await bed();
  await define(hypervisor, 'liar', [], { seed: `${images}/install.iso` });
  expect((await run(undefine, 'liar')).code).toBe(0);
  expect(await gone()).toEqual([]);
});

test('says what it needs', async () => {
  const { run } = await bed();
  expect((await run(undefine)).code).toBe(2);
  const both = await run(undefine, 'web-1', '--storage', 'vda', '--keep-storage');
  expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('exclude each other')]);
  expect((await run(undefine, 'nothing')).stderr).toContain("failed to get domain 'nothing'");
});
