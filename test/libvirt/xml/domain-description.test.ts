import { describe, expect, test } from 'vitest';
import { describeDomain } from '../../../source/libvirt/xml/domain-description-xml.js';

const full = `<domain type='kvm' id='3'>
  <name>web-1</name>
  <title>The &lt;shop&gt; &amp; more</title>
  <description>Two
lines</description>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
  </metadata>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/><source file='/srv/web-1.qcow2' index='1'/>
      <backingStore type='file'><source file='/srv/base.qcow2'/></backingStore><target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>
    <disk type='block'><source dev='/dev/vg/lv'/><target dev='vdb'/></disk>
    <disk type='network'><source protocol='rbd' name='pool/image'/><target dev='vdc'/></disk>
    <disk type='volume'><source pool='default' volume='data.qcow2'/><target dev='vdd'/></disk>
    <interface type='network'>
      <mac address='52:54:00:aa:bb:cc'/><source network='default' portid='x' bridge='virbr0'/><model type='virtio'/>
    </interface>
    <interface type='bridge'><source bridge='br0'/></interface>
    <interface type='direct'><source dev='eth0' mode='bridge'/></interface>
    <interface type='user'/>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>
  </devices>
</domain>`;

test('a full description', () => {
  expect(describeDomain(full)).toEqual({
    title: 'The <shop> & more',
    description: 'Two\nlines',
    os: 'debian12',
    disks: [
      { target: 'vda', source: '/srv/web-1.qcow2', backing: ['/srv/base.qcow2'], device: 'disk' },
      { target: 'sda', source: undefined, backing: [], device: 'cdrom' },
      { target: 'vdb', source: '/dev/vg/lv', backing: [], device: 'disk' },
      { target: 'vdc', source: 'pool/image', backing: [], device: 'disk' },
      { target: 'vdd', source: 'default/data.qcow2', backing: [], device: 'disk' },
    ],
    interfaces: [
      { mac: '52:54:00:aa:bb:cc', type: 'network', source: 'default', model: 'virtio' },
      { mac: undefined, type: 'bridge', source: 'br0', model: undefined },
      { mac: undefined, type: 'direct', source: 'eth0', model: undefined },
      { mac: undefined, type: 'user', source: 'user', model: undefined },
    ],
    forwards: [],
    hostDevices: false,
    agent: true,
    agentConnected: true,
  });
});

const nothing = {
  title: undefined,
  description: undefined,
  os: undefined,
  disks: [],
  interfaces: [],
  forwards: [],
  hostDevices: false,
  agent: false,
  agentConnected: false,
};

test.each([
  ['nothing in it', '<domain/>'],
  ['no devices', '<domain><name>a</name><devices/></domain>'],
  ['empty pieces', '<domain><title/><metadata></metadata><devices>\n</devices></domain>'],
  ['text where elements belong', '<domain><metadata>x</metadata><devices>y</devices></domain>'],
])('%s', (_, xml) => {
  expect(describeDomain(xml)).toEqual(nothing);
});

test.each(['', 'no xml', '<network/>', '<domain'])('not a domain: %j', (xml) => {
  expect(() => describeDomain(xml)).toThrow();
});

test('numbers stay text', () => {
  expect(describeDomain('<domain><title>007</title></domain>').title).toBe('007');
});

describe('the operating system', () => {
  const os = (id: string, prefix = 'libosinfo') =>
    describeDomain(
      `<domain><metadata><${prefix}:libosinfo xmlns:${prefix}="x"><${prefix}:os id="${id}"/></${prefix}:libosinfo></metadata></domain>`,
    ).os;
  test.each([
    ['http://debian.org/debian/12', 'debian12'],
    ['http://ubuntu.com/ubuntu/22.04', 'ubuntu22.04'],
    ['http://centos.org/centos-stream/9', 'centos-stream9'],
    ['http://microsoft.com/win/2k19', 'win2k19'],
    ['http://archlinux.org/archlinux/rolling', 'archlinux'],
    ['home-made', 'home-made'],
  ])('%s is %s', (id, short) => {
    expect(os(id)).toBe(short);
    expect(os(id, 'o')).toBe(short);
  });
});

describe('the way to the guest agent', () => {
  const agent = (target: string) =>
    describeDomain(`<domain><devices><channel type="unix">${target}</channel></devices></domain>`);
  test.each([
    ['<target type="virtio" name="org.qemu.guest_agent.0" state="connected"/>', true, true],
    ['<target type="virtio" name="org.qemu.guest_agent.0" state="disconnected"/>', false, false],
    ['<target type="virtio" name="org.qemu.guest_agent.0"/>', true, false],
    ['<target type="virtio" name="com.redhat.spice.0"/>', false, false],
    ['', false, false],
  ])('%s', (target, leads, connected) => {
    expect(agent(target)).toMatchObject({ agent: leads, agentConnected: connected });
  });
});

test('what a running domain’s disk stands on, down to the last', () => {
  const chain = `<domain><devices><disk><source file='/srv/top'/><target dev='vda'/>
    <backingStore type='file'><source file='/srv/middle'/>
      <backingStore type='block'><source dev='/dev/vg/base'/><backingStore/></backingStore></backingStore>
    </disk></devices></domain>`;
  expect(describeDomain(chain).disks[0]?.backing).toEqual(['/srv/middle', '/dev/vg/base']);
});

test('a title or description of megabytes is cut where it comes in', () => {
  const endless = 'x'.repeat(4_000_000);
  const { title, description } = describeDomain(
    `<domain><title>${endless}</title><description>${endless}</description></domain>`,
  );
  expect([title?.length, description?.length]).toEqual([1025, 16_385]);
});
