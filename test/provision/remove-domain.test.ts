import { beforeEach, describe, expect, test, vi } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { type DiskSpec, domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { planRemovals, type Removal, removeDomain } from '../../source/provision/remove-domain.js';
import { undefineDomain } from '../../source/provision/undefine-domain.js';
import { stillLab } from '../lab/bed.js';

let hypervisor: RemoteHypervisor;

beforeEach(async () => {
  const { lab } = stillLab({ domains: 0 });
  hypervisor = await openLab(lab);
  return async () => {
    await hypervisor.close();
    lab.close();
  };
});

const disk: DiskSpec = {
  device: 'disk',
  bus: 'virtio',
  source: { type: 'file', path: '/var/lib/libvirt/images/web.raw' },
  format: 'raw',
};
const xmlOf = (name: string, nvram = ''): string =>
  domainXml({
    name,
    virtType: 'kvm',
    arch: 'x86_64',
    machine: 'q35',
    vcpus: 1,
    memory: 2 ** 28,
    cpu: 'default',
    firmware: 'bios',
    interfaces: [],
    disks: [disk],
  }).replace('</os>', `${nvram}</os>`);

describe('what was looked at when the question was asked is not what there is', () => {
  let removal: Removal;
  const remove = () =>
    removeDomain(hypervisor, removal, new Set(removal.volumes.map(({ volume }) => volume.key)));
  const volumes = async () =>
    (await hypervisor.volumes.list(await hypervisor.pools.lookup('default'))).map(({ name }) => name);

  beforeEach(async () => {
    const pool = await hypervisor.pools.lookup('default');
    await hypervisor.volumes.create(pool, volumeXml({ name: 'web.raw', capacity: 1000, format: 'raw' }));
    await hypervisor.defineDomain(xmlOf('web'));
    [removal] = (await planRemovals(hypervisor, await hypervisor.listDomains())) as [Removal];
    expect(removal.volumes.map(({ volume }) => volume.name)).toEqual(['web.raw']);
  });

  test('another domain of that name stays, with its disk', async () => {
    await hypervisor.undefineDomain(removal.domain);
    await hypervisor.defineDomain(xmlOf('web'));
    await expect(remove()).rejects.toThrow('web is another domain now');
    expect(await hypervisor.listDomains()).toHaveLength(1);
    expect(await volumes()).toContain('web.raw');
  });

  test('one that has been started since runs on', async () => {
    await hypervisor.start(removal.domain);
    await expect(remove()).rejects.toThrow('web has been started since');
    expect((await hypervisor.lookupDomain('web')).id).not.toBe(-1);
    expect(await volumes()).toContain('web.raw');
  });

  test('what is as it was goes', async () => {
    expect((await remove()).deleted.map(({ name }) => name)).toEqual(['web.raw']);
    expect(await hypervisor.listDomains()).toEqual([]);
    expect(await volumes()).not.toContain('web.raw');
  });
});

describe('the file with the UEFI variables', () => {
  const nvram = '<nvram>/var/lib/nvram/web.fd</nvram>';
  /** Whether it is kept, and who holds it besides. */
  const undefineWeb = async (options?: { readonly keepNvram: boolean }) => {
    const asked = vi.spyOn(hypervisor, 'undefineDomain');
    const file = await undefineDomain(hypervisor, await hypervisor.lookupDomain('web'), options);
    return [asked.mock.lastCall?.[1]?.keepNvram, file?.users];
  };

  test('goes with its domain', async () => {
    await hypervisor.defineDomain(xmlOf('web', nvram));
    await hypervisor.defineDomain(xmlOf('db', nvram.replace('web', 'db')));
    expect(await undefineWeb()).toEqual([false, []]);
  });

  test('stays where it is wanted, and where another domain has it too', async () => {
    await hypervisor.defineDomain(xmlOf('web', nvram));
    expect(await undefineWeb({ keepNvram: true })).toEqual([true, []]);
    await hypervisor.defineDomain(xmlOf('web', nvram));
    await hypervisor.defineDomain(xmlOf('db', nvram));
    expect(await undefineWeb()).toEqual([true, ['domain db']]);
  });

  test('is none of a domain without one', async () => {
    await hypervisor.defineDomain(xmlOf('web'));
    expect(await undefineWeb()).toEqual([false, undefined]);
  });
});
