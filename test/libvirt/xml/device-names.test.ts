import { describe, expect, it } from 'vitest';
import { describeDomain } from '../../../source/libvirt/xml/domain-description-xml.js';
import { describeNetwork } from '../../../source/libvirt/xml/network-xml.js';
import { describePool } from '../../../source/libvirt/xml/pool-xml.js';

const pci = "<address type='pci' domain='0x0000' bus='0x0a' slot='0x1f' function='0x2'/>";

describe('a disk is named as virsh names it', () => {
  it.each([
    ['file', "<source file=' /srv/a b.img '/>", ' /srv/a b.img '],
    ['block', "<source dev='/dev/vg/lv'/>", '/dev/vg/lv'],
    ['dir', "<source dir='/srv/fat'/>", '/srv/fat'],
    ['volume', "<source pool='fast' volume='web'/>", 'fast/web'],
    ['nvme', `<source type='pci' managed='yes' namespace='1'>${pci}</source>`, 'nvme://0000:0a:1f.2/1'],
    ['vhostuser', "<source type='unix' path='/run/vhost.sock'/>", '/run/vhost.sock'],
    ['vhostvdpa', "<source dev='/dev/vhost-vdpa-0'/>", '/dev/vhost-vdpa-0'],
    ['network', "<source protocol='rbd' name='pool/image'/>", 'pool/image'],
    ['network', "<source protocol='nbd' name='export'><host name='h' port='1'/></source>", 'export'],
  ])('%s', (type, source, name) => {
    const xml = `<domain><devices><disk type='${type}'>${source}</disk></devices></domain>`;
    expect(describeDomain(xml).disks[0]?.source).toBe(name);
  });

  it.each([
    ["<host name='h' port='10809'/>", 'nbd://h:10809'],
    ["<host name='fd00::1' port='10809'/>", 'nbd://[fd00::1]:10809'],
    ["<host transport='unix' socket='/run/nbd'/>", 'nbd:///run/nbd'],
  ])('an export without a name is no empty drive: %s', (host, name) => {
    const source = `<source protocol='nbd'>${host}</source>`;
    const xml = `<domain><devices><disk type='network'>${source}</disk></devices></domain>`;
    expect(describeDomain(xml).disks[0]?.source).toBe(name);
  });
});

describe('an interface is named as virsh names it, or by its type and place where virsh has no name', () => {
  it.each([
    ['network', "<source bridge='virbr0' network='default' portid='x'/>", 'default'],
    ['bridge', "<source bridge='br0'/>", 'br0'],
    ['direct', "<source dev='eth0' mode='vepa'/>", 'eth0'],
    ['vdpa', "<source dev='/dev/vhost-vdpa-0'/>", '/dev/vhost-vdpa-0'],
    ['vhostuser', "<source type='unix' path='/run/v.sock' mode='server'/>", '/run/v.sock'],
    ['internal', "<source name='lan'/>", 'lan'],
    ['hostdev', `<source>${pci}</source>`, 'hostdev 0000:0a:1f.2'],
    ['mcast', "<source address='230.0.0.1' port='5558'/>", 'mcast 230.0.0.1:5558'],
    [
      'udp',
      "<source address='127.0.0.1' port='1'><local address='127.0.0.1' port='2'/></source>",
      'udp 127.0.0.1:1',
    ],
    ['server', "<source port='5558'/>", 'server :5558'],
    ['client', "<source address='10.0.0.1' port='5558'/>", 'client 10.0.0.1:5558'],
    ['vds', "<source switchid='50 0c' portid='6'/>", 'vds 50 0c'],
    ['user', '', 'user'],
    ['ethernet', '', 'ethernet'],
    ['null', '', 'null'],
  ])('%s', (type, source, name) => {
    const xml = `<domain><devices><interface type='${type}'>${source}</interface></devices></domain>`;
    expect(describeDomain(xml).interfaces[0]?.source).toBe(name);
  });
});

describe('a network', () => {
  const network = (inner: string) => describeNetwork(`<network><name>n</name>${inner}</network>`);

  it.each([
    ['10.24.10.1', '10.0.0.0', 8],
    ['127.0.0.1', '127.0.0.0', 8],
    ['172.16.5.1', '172.16.0.0', 16],
    ['192.168.7.1', '192.168.7.0', 24],
    ['fd00:1::1', 'fd00:1::', 64],
  ])('without netmask has the prefix of its class: %s', (address, subnet, prefix) => {
    const [family] = network(`<ip address='${address}'/>`).families;
    expect(family?.subnet).toMatchObject({ address: subnet, prefix });
  });

  it.each([
    ["<forward mode='hostdev'><pf dev='eth3'/></forward>", 'hostdev', 'eth3'],
    [
      `<forward mode='hostdev'>${pci}${pci.replace('0x2', '0x3')}</forward>`,
      'hostdev',
      '0000:0a:1f.2, 0000:0a:1f.3',
    ],
    [
      "<forward mode='passthrough' dev='a'><interface dev='a'/><interface dev='b'/></forward>",
      'passthrough',
      'a, b',
    ],
    ["<forward dev='eth0'/>", 'nat', 'eth0'],
  ])('says by which devices it goes out: %s', (forward, mode, device) => {
    expect(network(forward)).toMatchObject({ forward: mode, device });
  });
});

it.each([
  ["<adapter name='host1'/>", 'host1'],
  ["<adapter type='scsi_host' name='scsi_host3'/>", 'scsi_host3'],
  [
    `<adapter type='scsi_host'><parentaddr unique_id='1'>${pci}</parentaddr></adapter>`,
    'scsi_host 0000:0a:1f.2',
  ],
  ["<adapter type='fc_host' parent='scsi_host3' wwnn='20ab' wwpn='10ab'/>", 'fc_host 20ab:10ab'],
])('a pool names the adapter that it stands on: %s', (adapter, name) => {
  const pool = `<pool type='scsi'><name>p</name><source>${adapter}</source></pool>`;
  expect(describePool(pool).source.devices).toEqual([name]);
});
