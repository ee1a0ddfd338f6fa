import { afterAll, beforeAll, expect, it } from 'vitest';
import { openHypervisor } from '../../source/libvirt/open.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { describeDomainCapabilities } from '../../source/libvirt/xml/domain-capabilities-xml.js';
import { type DomainSpec, domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { requires } from '../support/requirements.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';

const plain: DomainSpec = {
  name: `${testPrefix}new`,
  virtType: 'qemu',
  arch: 'x86_64',
  machine: 'q35',
  vcpus: 1,
  memory: 64 * 1024 ** 2,
  cpu: 'default',
  firmware: 'bios',
  disks: [
    {
      device: 'disk',
      bus: 'virtio',
      format: 'qcow2',
      source: { type: 'file', path: '/nowhere/a.qcow2' },
      bootOrder: 1,
      discard: true,
      serial: 'root',
    },
  ],
  interfaces: [{ kind: 'network', source: 'default', model: 'virtio' }],
};

const specs: Readonly<Record<string, Partial<DomainSpec>>> = {
  'the plainest': { disks: [], interfaces: [] },
  'a cloud guest': {
    uuid: 'b5a3c9d0-7e0e-4b1d-9a55-0c5a5e9a7f10',
    osId: 'http://debian.org/debian/12',
    noteMetadata: { image: 'debian-12', seed: 'seed.iso' },
    disks: [
      ...plain.disks,
      {
        device: 'cdrom',
        bus: 'scsi',
        format: 'raw',
        source: { type: 'file', path: '/nowhere/seed.iso' },
        readOnly: true,
      },
    ],
    interfaces: [{ kind: 'network', source: 'default', mac: '52:54:00:12:34:56', model: 'virtio' }],
  },
  'a screen by VNC': { graphics: { type: 'vnc' } },
  'disks on every bus of a q35': {
    disks: [
      ...plain.disks,
      { device: 'disk', bus: 'scsi', format: 'raw', source: { type: 'block', path: '/dev/nowhere' } },
      {
        device: 'disk',
        bus: 'scsi',
        format: 'qcow2',
        source: { type: 'volume', pool: 'default', volume: 'x' },
      },
      { device: 'cdrom', bus: 'sata', format: 'raw', readOnly: true },
    ],
  },
  'an old machine with IDE': {
    machine: 'pc',
    disks: [{ device: 'cdrom', bus: 'ide', format: 'raw', readOnly: true, bootOrder: 1 }],
  },
  'interfaces of all kinds': {
    interfaces: [
      { kind: 'network', source: 'default', model: 'virtio', bootOrder: 2 },
      { kind: 'bridge', source: 'br0', model: 'e1000e' },
      { kind: 'user', model: 'virtio' },
    ],
  },
  'the fullest CPU that TCG has': { cpu: 'maximum' },
  'names of markup, quotes and other scripts': {
    name: `${testPrefix}<&">' \`$(id)\`; ä漢🙂`,
    wishes: { title: `<title>&amp;"'`, description: ']]> <!-- ü\n\tsecond line' },
    osId: `http://x/?a=1&b="<'`,
    noteMetadata: { image: `<&">' ü` },
    disks: [
      { ...plain.disks[0]!, source: { type: 'file', path: `/nowhere/<&">' ü.qcow2` }, serial: 'a_b-1' },
    ],
    interfaces: [{ kind: 'network', source: `net <&">'`, model: 'virtio' }],
  },
};

requires(
  'libvirtd',
  'qemu',
  'root',
)('definitions that this program writes, on qemu:///system', () => {
  let hypervisor: RemoteHypervisor;
  beforeAll(async () => {
    hypervisor = await openHypervisor(systemUri);
  });
  afterAll(() => hypervisor.close());

  it.each(Object.entries(specs))(
    '%s: libvirt’s schema takes it, and says the same again',
    async (_, change) => {
      const spec = { ...plain, ...change };
      const domain = await hypervisor.defineDomain(domainXml(spec));
      try {
        expect(domain.name).toBe(spec.name);
        const xml = await hypervisor.domainXml(domain, { inactive: true });
        // The real client finds it by that name, and what it dumps is valid as well.
        expect((await systemVirsh(['dumpxml', '--inactive', spec.name])).stdout.trim()).toBe(xml.trim());
        await hypervisor.defineDomain(xml);
        expect(xml).toContain(`<memory unit='KiB'>${spec.memory / 1024}</memory>`);
        expect(xml.match(/<disk /g) ?? []).toHaveLength(spec.disks.length);
        expect(xml.match(/<interface /g) ?? []).toHaveLength(spec.interfaces.length);
        expect(xml.match(/model='virtio-scsi'/g) ?? []).toHaveLength(
          spec.disks.some(({ bus }) => bus === 'scsi') ? 1 : 0,
        );
      } finally {
        await hypervisor.undefineDomain(domain);
      }
      const { stdout } = await systemVirsh(['list', '--all', '--name']);
      expect(stdout.split('\n')).not.toContain(spec.name);
    },
  );

  it('UEFI, with and without secure boot: libvirt’s schema takes it', async () => {
    const xml = await hypervisor.domainCapabilities({ arch: 'x86_64', machine: 'q35', virtType: 'qemu' });
    const { firmwares } = describeDomainCapabilities(String(xml));
    for (const secureBoot of [false, true]) {
      const spec = { ...plain, firmware: 'uefi', secureBoot } as const;
      const definition = hypervisor.defineDomain(domainXml(spec));
      const outcome = await definition.catch((error: Error) => error);
      if (outcome instanceof Error) {
        // Read and understood, but the host has no such firmware.
        expect(firmwares).not.toContain('efi');
        expect(outcome.message).toMatch(/firmware/);
      } else await hypervisor.undefineDomain(outcome);
    }
  });
});
