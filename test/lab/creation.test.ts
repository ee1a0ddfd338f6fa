import { afterEach, describe, expect, it } from 'vitest';
import { parseFault } from '../../source/lab/fault-text.js';
import type { Lab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import type { Fault } from '../../source/lab/server/faults.js';
import type { DomainRef } from '../../source/libvirt/hypervisor.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { describeCapabilities } from '../../source/libvirt/xml/capabilities-xml.js';
import { describeDomainCapabilities } from '../../source/libvirt/xml/domain-capabilities-xml.js';
import { type DiskSpec, type DomainSpec, domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { describeDomain } from '../../source/libvirt/xml/domain-description-xml.js';
import { readDomainNote } from '../../source/libvirt/xml/domain-note-xml.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { procedures } from '../../source/wire/procedures.js';
import { openChannel, stillLab } from './bed.js';

const mib = 1024 ** 2;
const mac = '52:54:00:ab:cd:ef';
const clients: RemoteHypervisor[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

/** What stands in the first sector of what can be booted. */
function bootable(): Buffer {
  const disk = Buffer.alloc(mib, 1);
  disk.set([0x55, 0xaa], 510);
  return disk;
}

async function bed() {
  const { lab, clock } = stillLab({ domains: 3 });
  const hypervisor = await openLab(lab);
  clients.push(hypervisor);
  const pool = await hypervisor.pools.lookup('default');
  /** A volume with these contents; its path. */
  const volume = async (name: string, bytes?: Uint8Array, format = 'raw'): Promise<string> => {
    const ref = await hypervisor.volumes.create(pool, volumeXml({ name, capacity: 8 * mib, format }));
    if (bytes !== undefined) {
      const stream = await hypervisor.volumes.upload(ref, { offset: 0, length: 0 });
      await stream.write(bytes);
      await stream.finish();
    }
    return hypervisor.volumes.path(ref);
  };
  const domain = (disks: readonly DiskSpec[], change: Partial<DomainSpec> = {}): Promise<DomainRef> =>
    hypervisor.defineDomain(
      domainXml({
        name: 'made-1',
        virtType: 'kvm',
        arch: 'x86_64',
        machine: 'q35',
        vcpus: 1,
        memory: 512 * mib,
        cpu: 'host-model',
        firmware: 'bios',
        disks,
        interfaces: [{ kind: 'network', source: 'default', model: 'virtio', mac }],
        ...change,
      }),
    );
  return { lab, clock, hypervisor, pool, volume, domain };
}

const disk = (path: string, format = 'raw'): DiskSpec => ({
  device: 'disk',
  bus: 'virtio',
  format,
  source: { type: 'file', path },
});
const cdrom = (path: string): DiskSpec => ({ ...disk(path), device: 'cdrom', bus: 'scsi', readOnly: true });

/** What of the guest can be seen a minute after its start. */
async function afterMinute(
  { hypervisor, clock }: Pick<Awaited<ReturnType<typeof bed>>, 'hypervisor' | 'clock'>,
  domain: DomainRef,
): Promise<{ lease: boolean; agent: boolean }> {
  await hypervisor.start(domain);
  clock.advance(60_000);
  const network = await hypervisor.networks.lookup('default');
  const leases = await hypervisor.networks.leases(network);
  const agent = await hypervisor.interfaceAddresses(domain, 'agent');
  return {
    lease: Array.isArray(leases) && leases.some((lease) => lease.mac === mac),
    agent: Array.isArray(agent) && agent.some((address) => address.mac === mac),
  };
}

describe('a domain that somebody made', () => {
  it('has what was noted of it in references, as a real host writes it, and is read all the same', async () => {
    const { hypervisor, domain } = await bed();
    const note = { seed: '/pool/Büro-🐧-seed.iso' };
    const ref = await domain([], { name: 'Büro', wishes: { title: ' two  blanks ' }, noteMetadata: note });
    const xml = await hypervisor.domainXml(ref);
    expect(xml).toMatch(/seed=.\/pool\/B&#xFC;ro-&#x1F427;-seed.iso/);
    expect(readDomainNote(xml)).toMatchObject(note);
    expect(describeDomain(xml).title).toBe(' two  blanks ');
  });

  it('boots its system: a lease by its MAC first, then its agent with the same address', async () => {
    const { clock, hypervisor, volume, domain } = await bed();
    const ref = await domain([disk(await volume('made-1.raw', bootable()))], {
      osId: 'http://alpinelinux.org/alpinelinux/3.19',
    });
    await hypervisor.start(ref);
    const network = await hypervisor.networks.lookup('default');
    const lease = async () => {
      const leases = await hypervisor.networks.leases(network);
      return Array.isArray(leases) ? leases.find((one) => one.mac === mac) : undefined;
    };
    const agent = async () => {
      const addresses = await hypervisor.interfaceAddresses(ref, 'agent');
      return Array.isArray(addresses) ? addresses.map(({ address }) => address) : undefined;
    };
    clock.advance(2900);
    expect([await lease(), await agent()]).toEqual([undefined, undefined]);
    clock.advance(200);
    expect(await lease()).toMatchObject({ hostname: 'made-1', family: 'ipv4' });
    expect(await agent()).toBeUndefined();
    clock.advance(4000);
    expect(await agent()).toContain((await lease())?.address);
  });

  it('has a system on an overlay, and on a disk that no pool knows of', async () => {
    const one = await bed();
    const base = await one.volume('base.raw', bootable());
    const overlay = {
      name: 'o.qcow2',
      capacity: 8 * mib,
      format: 'qcow2',
      backing: { path: base, format: 'raw' },
    };
    const ref = await one.hypervisor.volumes.create(one.pool, volumeXml(overlay));
    const path = await one.hypervisor.volumes.path(ref);
    expect(await afterMinute(one, await one.domain([disk(path, 'qcow2')]))).toEqual({
      lease: true,
      agent: true,
    });
    const other = await bed();
    expect(await afterMinute(other, await other.domain([disk('/elsewhere/x.img')]))).toEqual({
      lease: true,
      agent: true,
    });
  });

  it('does nothing with an empty disk, whatever the seed for cloud-init beside it', async () => {
    for (const format of ['raw', 'qcow2']) {
      const host = await bed();
      const empty = await host.volume('empty', undefined, format);
      const seed = await host.volume('seed.iso', Buffer.alloc(mib / 2, 'CD001'));
      const domain = await host.domain([disk(empty, format), cdrom(seed)]);
      expect(await afterMinute(host, domain)).toEqual({ lease: false, agent: false });
      const stream = await host.hypervisor.openConsole(domain);
      for await (const item of stream) {
        expect('data' in item && Buffer.from(item.data).toString()).toContain('No bootable device.');
        break;
      }
    }
  });

  it('asks for an address without an agent when it boots an installer, or the network', async () => {
    const host = await bed();
    const iso = Buffer.alloc(mib / 2);
    iso.write('\0CD001\x01EL TORITO SPECIFICATION', 17 * 2048, 'latin1');
    const disks = [disk(await host.volume('empty')), cdrom(await host.volume('install.iso', iso))];
    expect(await afterMinute(host, await host.domain(disks))).toEqual({ lease: true, agent: false });
    const other = await bed();
    expect(await afterMinute(other, await other.domain([]))).toEqual({ lease: true, agent: false });
  });

  it('with UEFI leaves a file behind, which the program’s own call removes, and nobody’s by chance', async () => {
    const { lab, hypervisor, domain } = await bed();
    const ref = await domain([], { firmware: 'uefi' });
    await hypervisor.start(ref);
    await hypervisor.destroy(ref);
    const channel = await openChannel(lab.connect());
    const undefine = (flags: number) => channel.call(procedures.DOMAIN_UNDEFINE_FLAGS, { dom: ref, flags });
    await expect(undefine(0)).rejects.toMatchObject({
      code: 55,
      message: 'Requested operation is not valid: cannot undefine domain with nvram',
    });
    await expect(undefine(4 | 8)).rejects.toThrow('mutually exclusive');
    await expect(undefine(1024)).rejects.toThrow(
      'unsupported flags (0x400) in function qemuDomainUndefineFlags',
    );
    await channel.close();
    await hypervisor.undefineDomain(ref);
    expect(lab.world.domainByName('made-1')).toBeUndefined();
  });
});

describe('what the lab says that it can run', () => {
  it('is enough to choose a guest from', async () => {
    const { hypervisor } = await bed();
    const { hostArch, guests } = describeCapabilities(await hypervisor.capabilities());
    const guest = guests.find(({ arch }) => arch === hostArch);
    expect(guest).toMatchObject({ osType: 'hvm', emulator: '/usr/bin/qemu-system-x86_64' });
    expect(guest?.domains.map(({ type }) => type)).toEqual(['qemu', 'kvm']);
    expect(guest?.machines).toContainEqual({ name: 'q35', canonical: 'pc-q35-7.2' });
    const describe = async (virtType: string) =>
      describeDomainCapabilities(
        String(await hypervisor.domainCapabilities({ arch: 'x86_64', machine: 'q35', virtType })),
      );
    const kvm = await describe('kvm');
    expect(kvm).toMatchObject({
      machine: 'pc-q35-7.2',
      firmwares: ['bios', 'efi'],
      secureBoot: true,
      tpm: true,
    });
    expect(kvm.diskBuses).toEqual(expect.arrayContaining(['virtio', 'scsi', 'sata']));
    expect(kvm.graphics).toEqual(expect.arrayContaining(['vnc', 'spice']));
    expect(kvm.cpuModes).toMatchObject({ hostPassthrough: true, hostModel: true, maximum: true });
    expect((await describe('qemu')).cpuModes).toMatchObject({ hostPassthrough: false, maximum: true });
  });

  it('is refused in libvirt’s words for what it does not have', async () => {
    const { hypervisor } = await bed();
    const emulator = '/usr/bin/qemu-system-x86_64';
    const refusals = [
      [{ virtType: 'lxc' }, `invalid argument: Emulator '${emulator}' does not support virt type 'lxc'`],
      [{ virtType: 'nope' }, 'invalid argument: unknown virttype: nope'],
      [
        { arch: 'sparc' },
        "unsupported configuration: unable to find any emulator to serve 'sparc' architecture",
      ],
      [
        { machine: 'nope' },
        `invalid argument: the machine 'nope' is not supported by emulator '${emulator}'`,
      ],
      [{ emulator: '/no/such' }, 'Cannot check QEMU binary /no/such: No such file or directory'],
    ] as const;
    for (const [query, message] of refusals) {
      await expect(hypervisor.domainCapabilities(query)).rejects.toMatchObject({ message });
    }
  });
});

describe('each call of a creation can fail once', () => {
  type Bed = Awaited<ReturnType<typeof bed>>;
  const running = async ({ hypervisor, domain }: Bed): Promise<DomainRef> => {
    const ref = await domain([]);
    await hypervisor.start(ref);
    return ref;
  };
  const upload = async ({ hypervisor, pool }: Bed, pieces: number): Promise<void> => {
    const ref = await hypervisor.volumes
      .lookup(pool, 'made-1.raw')
      .catch(() =>
        hypervisor.volumes.create(pool, volumeXml({ name: 'made-1.raw', capacity: mib, format: 'raw' })),
      );
    const stream = await hypervisor.volumes.upload(ref, { offset: 0, length: 0 });
    for (let piece = 0; piece < pieces; piece += 1) await stream.write(Buffer.alloc(1000, piece));
    await stream.finish();
  };

  /** The fault as `virtdeck lab --fault` takes it; what makes the call, once the rest is there. */
  const calls: readonly (readonly [string, (host: Bed) => Promise<() => Promise<unknown>>])[] = [
    [
      'CONNECT_GET_CAPABILITIES',
      async ({ hypervisor }) =>
        () =>
          hypervisor.capabilities(),
    ],
    [
      'CONNECT_GET_DOMAIN_CAPABILITIES',
      async ({ hypervisor }) =>
        () =>
          hypervisor.domainCapabilities({ virtType: 'kvm' }),
    ],
    [
      'STORAGE_VOL_CREATE_XML',
      async ({ volume }) =>
        () =>
          volume('made-1.raw'),
    ],
    [
      'STORAGE_VOL_CREATE_XML,domain=made-1.raw',
      async ({ volume }) =>
        () =>
          volume('made-1.raw'),
    ],
    ['STORAGE_VOL_UPLOAD', async (host) => () => upload(host, 6)],
    // The call itself is the first of them: this strikes the third packet.
    ['STORAGE_VOL_UPLOAD,every=4', async (host) => () => upload(host, 6)],
    [
      'STORAGE_VOL_DELETE',
      async ({ hypervisor, pool, volume }) => {
        await volume('made-1.raw');
        const ref = await hypervisor.volumes.lookup(pool, 'made-1.raw');
        return () => hypervisor.volumes.delete(ref);
      },
    ],
    [
      'STORAGE_POOL_REFRESH',
      async ({ hypervisor, pool }) =>
        () =>
          hypervisor.pools.refresh(pool),
    ],
    [
      'DOMAIN_DEFINE_XML_FLAGS',
      async ({ domain }) =>
        () =>
          domain([]),
    ],
    [
      'DOMAIN_DEFINE_XML_FLAGS,domain=made-1',
      async ({ domain }) =>
        () =>
          domain([]),
    ],
    [
      'DOMAIN_CREATE_WITH_FLAGS',
      async ({ hypervisor, domain }) => {
        const ref = await domain([]);
        return () => hypervisor.start(ref);
      },
    ],
    [
      'DOMAIN_UNDEFINE_FLAGS',
      async ({ hypervisor, domain }) => {
        const ref = await domain([]);
        return () => hypervisor.undefineDomain(ref);
      },
    ],
    [
      'DOMAIN_INTERFACE_ADDRESSES',
      async (host) => {
        const ref = await running(host);
        return () => host.hypervisor.interfaceAddresses(ref, 'lease');
      },
    ],
    [
      'DOMAIN_OPEN_CONSOLE',
      async (host) => {
        const ref = await running(host);
        return async () => (await host.hypervisor.openConsole(ref)).abort();
      },
    ],
    // In the middle of what the guest says.
    [
      'DOMAIN_OPEN_CONSOLE,every=3',
      async (host) => {
        const ref = await running(host);
        return async () => {
          host.clock.advance(1000);
          const stream = await host.hypervisor.openConsole(ref);
          try {
            await stream.write(Buffer.from('x'));
            for await (const item of stream) if ('data' in item && item.data.includes(0x78)) break;
            await stream.write(Buffer.from('y'));
            for await (const item of stream) if ('data' in item && item.data.includes(0x79)) break;
          } finally {
            await stream.abort();
          }
        };
      },
    ],
    [
      'NETWORK_CREATE',
      async ({ hypervisor }) => {
        const network = await hypervisor.networks.lookup('default');
        return async () => {
          await hypervisor.networks.stop(network).catch(() => {});
          await hypervisor.networks.start(network);
        };
      },
    ],
    [
      'NETWORK_GET_DHCP_LEASES',
      async ({ hypervisor }) => {
        const network = await hypervisor.networks.lookup('default');
        return () => hypervisor.networks.leases(network);
      },
    ],
  ];

  it.each(calls)('%s', async (where, prepare) => {
    const host = await bed();
    const call = await prepare(host);
    arm(host.lab, `error:procedure=${where},times=1,code=1,message=once only`);
    await expect(call()).rejects.toMatchObject({ kind: 'libvirt', code: 1, message: 'once only' });
    expect(host.lab.faults.struck('error')).toBe(1);
    await call();
  });

  it('or only that of one machine of several', async () => {
    const { lab, domain } = await bed();
    arm(lab, 'error:procedure=DOMAIN_DEFINE_XML_FLAGS,domain=made-2,code=1');
    await domain([]);
    await expect(domain([], { name: 'made-2' })).rejects.toThrow('a fault of the lab');
    await domain([], { name: 'made-3' });
  });
});

function arm(lab: Lab, text: string): void {
  const fault = parseFault(text);
  if (typeof fault === 'string') throw new Error(fault);
  lab.faults.add(fault as Fault);
}
