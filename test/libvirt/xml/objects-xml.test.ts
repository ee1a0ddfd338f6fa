import { expect, test } from 'vitest';
import { describeNetwork, networkXml, staticHostXml } from '../../../source/libvirt/xml/network-xml.js';
import { describePool, poolXml, readSources } from '../../../source/libvirt/xml/pool-xml.js';
import { describeVolume, volumeXml } from '../../../source/libvirt/xml/volume-xml.js';

const odd = ` a<&">'b\t\r\n`;

test('a name of any characters is a name and nothing else', () => {
  expect(describeNetwork(networkXml({ name: odd, forward: 'nat', domain: odd }))).toMatchObject({
    name: odd,
    domain: odd,
  });
  expect(describePool(poolXml({ name: odd, type: 'netfs', dir: odd, path: `/x/${odd}` }))).toMatchObject({
    name: odd,
    path: `/x/${odd}`,
    source: { dir: odd },
  });
  const backing = { path: `/x/${odd}`, format: 'qcow2' };
  expect(describeVolume(volumeXml({ name: odd, capacity: 5, backing }))).toMatchObject({
    name: odd,
    backing,
  });
  expect(staticHostXml({ mac: undefined, id: undefined, name: `<&">'`, ip: '10.0.0.1' })).toBe(
    '<host name="&lt;&amp;&quot;&gt;&apos;" ip="10.0.0.1"/>',
  );
});

test.each([
  ['name', () => poolXml({ name: 'a\u0001b', type: 'dir' }), 'the name holds the character U+0001'],
  [
    'path',
    () => poolXml({ name: 'a', type: 'dir', path: '/\u001b[2J' }),
    'the path holds the character U+001B',
  ],
  [
    'attribute',
    () => networkXml({ name: 'a', forward: 'nat', bridge: 'b\0' }),
    'the name holds the character U+0000',
  ],
  [
    'half a character',
    () => volumeXml({ name: 'a\ud83d', capacity: 1 }),
    'the name holds the character U+D83D',
  ],
])('what XML cannot hold is refused by the name of its field, not left out: %s', (_, write, problem) => {
  expect(write).toThrow(problem);
});

test('every kind of network is written as it is read', () => {
  const ipv4 = { family: 'ipv4', address: '10.9.0.0', prefix: 16 } as const;
  const ipv6 = { family: 'ipv6', address: 'fd00:9::', prefix: 64 } as const;
  const range = { start: '10.9.0.10', end: '10.9.0.99' };
  for (const forward of ['nat', 'route', 'open', 'isolated'] as const) {
    const families = [{ subnet: ipv4, range }, { subnet: ipv6 }];
    const facts = describeNetwork(networkXml({ name: 'n', forward, domain: 'lab.example', families }));
    expect(facts).toMatchObject({ forward, domain: 'lab.example', device: undefined });
    expect(facts.families).toEqual([
      { family: 'ipv4', address: '10.9.0.1', subnet: ipv4, ranges: [range], hosts: [] },
      { family: 'ipv6', address: 'fd00:9::1', subnet: ipv6, ranges: [], hosts: [] },
    ]);
  }
  const bridged = networkXml({ name: 'n', forward: 'bridge', bridge: 'br0' });
  expect(bridged).toContain('<bridge name="br0"/>');
  expect(describeNetwork(bridged)).toMatchObject({ forward: 'bridge', bridge: 'br0', families: [] });
});

test('a network of another writer: forward without a mode, hosts of both families', () => {
  const facts =
    describeNetwork(`<network connections='3'><name>x</name><forward><interface dev='eth1'/></forward>
    <ip address='10.0.0.1' prefix='24'><dhcp><host mac='aa' name='web' ip='10.0.0.5'/></dhcp></ip>
    <ip family='ipv6' address='fd00::1' prefix='64'><dhcp><host id='0:1' ip='fd00::5'/></dhcp></ip></network>`);
  expect(facts).toMatchObject({ forward: 'nat', device: 'eth1', connections: 3 });
  expect(facts.families.flatMap(({ hosts }) => hosts)).toEqual([
    { mac: 'aa', id: undefined, name: 'web', ip: '10.0.0.5' },
    { mac: undefined, id: '0:1', name: undefined, ip: 'fd00::5' },
  ]);
});

test('each type of pool has its source and its target', () => {
  const fs = poolXml({ name: 'p', type: 'fs', device: '/dev/sdb1', path: '/srv/p', format: 'ext4' });
  expect(describePool(fs)).toEqual({
    name: 'p',
    type: 'fs',
    path: '/srv/p',
    source: { hosts: [], dir: undefined, devices: ['/dev/sdb1'], name: undefined, format: 'ext4' },
  });
  expect(poolXml({ name: 'p', type: 'logical', sourceName: 'vg0' })).toContain('<path>/dev/vg0</path>');
  expect(poolXml({ name: 'p', type: 'netfs', host: 'nas', dir: '/export', path: '/mnt/nas' })).toContain(
    '<host name="nas"/>',
  );
});

test('sources that a host has found', () => {
  const xml = `<sources><source><host name='nas'/><dir path='/a'/><format type='nfs'/></source>
    <source><device path='/dev/sdb'/><name>vg0</name></source></sources>`;
  expect(readSources(xml)).toEqual([
    { host: 'nas', dir: '/a', format: 'nfs', device: undefined, sourceName: undefined },
    { host: undefined, dir: undefined, format: undefined, device: '/dev/sdb', sourceName: 'vg0' },
  ]);
});

test('sizes of a volume in any unit are bytes', () => {
  const volume = (capacity: string) => describeVolume(`<volume><name>v</name>${capacity}</volume>`).capacity;
  expect(volume("<capacity unit='bytes'>10</capacity>")).toBe(10);
  expect(volume('<capacity>10</capacity>')).toBe(10);
  expect(volume("<capacity unit='G'>2</capacity>")).toBe(2 * 1024 ** 3);
  expect(volume("<capacity unit='KiB'>2</capacity>")).toBe(2048);
  expect(volume("<capacity unit='MB'>2</capacity>")).toBe(2_000_000);
});

test('a base that the host could not open is known by what libvirt leaves out; at servers it never looks', () => {
  const seen = (base: string) =>
    describeVolume(`<volume><name>v</name><backingStore>${base}</backingStore></volume>`).baseSeen;
  expect(seen('<path>/p/base</path><permissions><mode>0600</mode></permissions>')).toBe(true);
  expect(seen('<path>/p/base</path><format type="raw"/>')).toBe(false);
  expect(seen('<path>nbd://host/export</path>')).toBe(true);
  expect(seen('')).toBe(true);
});

test.each([describeNetwork, describePool, describeVolume])('what is no such document is refused', (read) => {
  expect(() => read('<other/>')).toThrow('the XML has no');
});
