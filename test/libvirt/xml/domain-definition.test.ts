import { describe, expect, it } from 'vitest';
import {
  type DiskSpec,
  type DomainSpec,
  domainXml,
} from '../../../source/libvirt/xml/domain-definition-xml.js';
import { attribute, children, type Element, parseRoot, text } from '../../../source/libvirt/xml/element.js';

const spec: DomainSpec = {
  name: 'web-1',
  virtType: 'kvm',
  arch: 'x86_64',
  machine: 'q35',
  vcpus: 2,
  memory: 2 * 1024 ** 3,
  cpu: 'host-model',
  firmware: 'bios',
  disks: [],
  interfaces: [],
};

const disk: DiskSpec = {
  device: 'disk',
  bus: 'virtio',
  format: 'qcow2',
  source: { type: 'file', path: '/pool/web-1.qcow2' },
};

const rootOf = (change: Partial<DomainSpec> = {}): Element =>
  parseRoot(domainXml({ ...spec, ...change }), 'domain');
const devicesOf = (change: Partial<DomainSpec> = {}): Element =>
  children(rootOf(change), 'devices')[0] as Element;

describe('a new domain', () => {
  it('has what every guest needs, whatever it is made of', () => {
    const root = rootOf();
    expect([text(root, 'memory'), text(root, 'vcpu')]).toEqual(['2097152', '2']);
    expect(['on_poweroff', 'on_reboot', 'on_crash'].map((name) => text(root, name))).toEqual([
      'destroy',
      'restart',
      'destroy',
    ]);
    const devices = devicesOf();
    const [channel] = children(devices, 'channel');
    expect(attribute(children(channel, 'target')[0], 'name')).toBe('org.qemu.guest_agent.0');
    expect(text(children(devices, 'rng')[0], 'backend')).toBe('/dev/urandom');
    expect(attribute(children(children(devices, 'memballoon')[0], 'stats')[0], 'period')).toBe('5');
    for (const name of ['serial', 'console'])
      expect(children(devices, name).map((device) => attribute(device, 'type'))).toEqual(['pty']);
    for (const name of ['graphics', 'video', 'input']) expect(children(devices, name)).toEqual([]);
  });

  it('never has less memory than was asked for', () => {
    expect(text(rootOf({ memory: 1_000_000_001 }), 'memory')).toBe('976563');
  });

  it('keeps whatever is typed as text', () => {
    const odd = `<&">']]>\u{1F642} ü $(id) <!-- --> &amp;`;
    const root = rootOf({
      name: odd,
      wishes: { title: odd, description: odd },
      osId: odd,
      noteMetadata: { image: odd },
      disks: [{ ...disk, source: { type: 'file', path: odd }, serial: odd }],
      interfaces: [{ kind: 'network', source: odd, model: 'virtio' }],
    });
    const devices = children(root, 'devices')[0];
    const metadata = children(root, 'metadata')[0];
    const os = children(children(metadata, 'libosinfo:libosinfo')[0], 'libosinfo:os')[0];
    expect([
      text(root, 'name'),
      text(root, 'title'),
      text(root, 'description'),
      attribute(os, 'id'),
      attribute(children(metadata, 'virtdeck:vm')[0], 'image'),
      attribute(children(children(devices, 'disk')[0], 'source')[0], 'file'),
      text(children(devices, 'disk')[0], 'serial'),
      attribute(children(children(devices, 'interface')[0], 'source')[0], 'network'),
    ]).toEqual(Array(8).fill(odd));
  });
});

describe('disks', () => {
  const targets = (...disks: readonly DiskSpec[]) =>
    children(devicesOf({ disks }), 'disk').map((one) => attribute(children(one, 'target')[0], 'dev'));

  it('are counted by the letters of their bus', () => {
    const on = (bus: DiskSpec['bus']): DiskSpec => ({ ...disk, bus });
    expect(targets(on('virtio'), on('scsi'), on('virtio'), on('ide'), on('sata'))).toEqual([
      'vda',
      'sda',
      'vdb',
      'hda',
      'sdb',
    ]);
    const many = targets(...Array<DiskSpec>(28).fill(disk));
    expect([many[25], many[26], many[27]]).toEqual(['vdz', 'vdaa', 'vdab']);
  });

  it('on SCSI bring one virtio-scsi controller, however many they are', () => {
    const cdrom: DiskSpec = { ...disk, device: 'cdrom', bus: 'scsi', format: 'raw', readOnly: true };
    const controllers = (disks: readonly DiskSpec[]) =>
      children(devicesOf({ disks }), 'controller').map((one) => attribute(one, 'model'));
    expect(controllers([disk])).toEqual([]);
    expect(controllers([disk, cdrom, cdrom])).toEqual(['virtio-scsi']);
  });

  it('lie in a file, on a device, in a pool, or are an empty drive', () => {
    const sources = children(
      devicesOf({
        disks: [
          disk,
          { ...disk, source: { type: 'block', path: '/dev/vg/web' } },
          { ...disk, source: { type: 'volume', pool: 'fast', volume: 'web-1' } },
          { device: 'cdrom', bus: 'sata', format: 'raw' },
        ],
      }),
      'disk',
    ).map((one) => [
      attribute(one, 'type'),
      Object.fromEntries(children(one, 'source')[0]?.attributes ?? []),
    ]);
    expect(sources).toEqual([
      ['file', { file: '/pool/web-1.qcow2' }],
      ['block', { dev: '/dev/vg/web' }],
      ['volume', { pool: 'fast', volume: 'web-1' }],
      ['file', {}],
    ]);
  });
});

describe('firmware', () => {
  const os = (change: Partial<DomainSpec>) => children(rootOf(change), 'os')[0];
  const featuresOf = (change: Partial<DomainSpec>) =>
    children(children(os(change), 'firmware')[0], 'feature').map(
      (feature) => `${attribute(feature, 'name')} ${attribute(feature, 'enabled')}`,
    );

  it('is the machine’s own unless UEFI is asked for', () => {
    expect(attribute(os({}), 'firmware')).toBeUndefined();
    expect(attribute(os({ firmware: 'uefi' }), 'firmware')).toBe('efi');
  });

  it('boots what is unsigned, unless secure boot is asked for, which needs SMM', () => {
    const smm = (change: Partial<DomainSpec>) =>
      attribute(children(children(rootOf(change), 'features')[0], 'smm')[0], 'state');
    expect(featuresOf({ firmware: 'uefi' })).toContain('secure-boot no');
    expect(smm({ firmware: 'uefi' })).toBeUndefined();
    expect(featuresOf({ firmware: 'uefi', secureBoot: true })).toContain('secure-boot yes');
    expect(smm({ firmware: 'uefi', secureBoot: true })).toBe('on');
  });
});

describe('a screen', () => {
  it('can be looked at from the host itself only', () => {
    const devices = devicesOf({ graphics: { type: 'spice' } });
    const [graphics] = children(devices, 'graphics');
    expect(attribute(graphics, 'type')).toBe('spice');
    expect(children(graphics, 'listen').map((one) => attribute(one, 'address'))).toEqual(['127.0.0.1']);
    expect(children(devices, 'video')).toHaveLength(1);
    expect(attribute(children(devices, 'input')[0], 'type')).toBe('tablet');
  });
});
