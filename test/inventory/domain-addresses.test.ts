import { describe, expect, test } from 'vitest';
import { type Address, mergeAddresses, readAddresses } from '../../source/inventory/domain-addresses.js';
import { reachOf, reachText } from '../../source/inventory/domain-reach.js';
import type { AddressSource, Hypervisor, InterfaceAddress } from '../../source/libvirt/hypervisor.js';
import { describeDomain } from '../../source/libvirt/xml/domain-description-xml.js';

const mac = '52:54:00:15:50:01';
const card = `<interface type="network"><mac address="${mac}"/><source network="lan"/></interface>`;
const userCard = (inside = '') =>
  `<interface type="user"><mac address="${mac}"/><backend type="passt"/>${inside}</interface>`;
const domain = (devices: string, rest = '') =>
  describeDomain(`<domain><name>a</name><devices>${devices}</devices>${rest}</domain>`);

/** "enp1s0 192.168.155.77", of the domain's card unless told. */
const told = (text: string, hwaddr: string | undefined = mac): InterfaceAddress => {
  const [name = '', address = ''] = text.split(' ');
  return {
    interface: name,
    mac: hwaddr,
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    prefix: 24,
  };
};
const docker0 = told('docker0 172.17.0.1', '02:42:aa:bb:cc:dd');
const virbr0 = told('virbr0 192.168.122.1', '52:54:00:99:99:99');

const known = (answers: Partial<Record<AddressSource, readonly InterfaceAddress[]>>) =>
  new Map(
    Object.entries(answers).map(([source, all]) => [
      source as AddressSource,
      all.map((one): Address => ({ ...one, source: source as AddressSource })),
    ]),
  );

function where(
  description: ReturnType<typeof domain>,
  answers: Partial<Record<AddressSource, readonly InterfaceAddress[]>>,
): string | undefined {
  const addresses = mergeAddresses(known(answers), description);
  const reach = reachOf({ ...description, addresses });
  return reach && reachText(reach);
}

describe('the address that a guest is reached by', () => {
  test.each([
    ['is not docker0’s, though that comes first', [docker0, told('enp1s0 192.168.155.77')], '192.168.155.77'],
    ['is not virbr0’s, though there is no other', [virbr0, told('enp1s0 fe80::1')], undefined],
    ['is its IPv6 address where it has no other', [docker0, told('enp1s0 2001:db8:5::77')], '2001:db8:5::77'],
    ['may be of its site alone', [told('enp1s0 fd00:5::77')], 'fd00:5::77'],
    ['is IPv4 before IPv6', [told('e 2001:db8::7'), told('e 10.0.0.7')], '10.0.0.7'],
    ['is found by a MAC address of another case', [told('e 10.0.0.7', mac.toUpperCase())], '10.0.0.7'],
    [
      'is none that leads nowhere',
      ['0.0.0.0', '127.0.0.1', '169.254.9.9', '224.0.0.251', '255.255.255.255', '::', '::1', 'ff02::1'].map(
        (address) => told(`enp1s0 ${address}`),
      ),
      undefined,
    ],
  ])('%s', (_, agent, expected) => {
    expect(where(domain(card), { agent })).toBe(expected);
  });

  test('is what the agent says, not an older lease', () => {
    const agent = [told('enp1s0 192.168.155.82')];
    expect(where(domain(card), { agent, lease: [told('vnet0 192.168.155.80')] })).toBe('192.168.155.82');
  });

  test('is the lease while the agent tells only inner ones, which stand last in the list of all', () => {
    const answers = { agent: [docker0], lease: [told('vnet0 192.168.155.80')] };
    expect(where(domain(card), answers)).toBe('192.168.155.80');
    expect(
      mergeAddresses(known(answers), domain(card)).map(({ address, beyond }) => [address, beyond]),
    ).toEqual([
      ['192.168.155.80', undefined],
      ['172.17.0.1', 'inner'],
    ]);
  });

  test('may be of a card of the host’s that was passed through, whose MAC the XML does not tell', () => {
    const agent = [docker0, told('enp6s0 10.0.0.7', '3c:ec:ef:00:00:01')];
    expect(where(domain('<hostdev mode="subsystem" type="pci"/>'), { agent })).toBe('10.0.0.7');
  });
});

test.each([
  [[100, 200], '192.168.155.82'],
  [[200, 100], '192.168.155.80'],
  [[0, 900], '192.168.155.80'],
])('of two leases of one card the one counts that expires last, or never: %j', async (times, expected) => {
  const leases = [told('vnet0 192.168.155.80'), told('vnet0 192.168.155.82')];
  const hypervisor = {
    interfaceAddresses: async () => leases,
    networks: {
      lookup: async (name: string) => ({ name, uuid: 'u' }),
      leases: async () => leases.map((lease, at) => ({ ...lease, expires: times[at] })),
    },
  } as unknown as Hypervisor;
  const found = await readAddresses(hypervisor, { name: 'a', uuid: 'u', id: 1 }, 'lease', domain(card));
  expect(found.map(({ address }) => address)).toEqual([expected]);
});

describe('user-mode networking', () => {
  const agent = [told('enp1s0 10.0.2.15')];

  test('has no address that leads to the guest', () => {
    expect(where(domain(userCard()), { agent })).toBe('user net');
    expect(where(domain(userCard()), {})).toBe('user net');
  });

  test('a card on a real network beside it counts', () => {
    const second = card.replace(mac, '52:54:00:15:50:02');
    const both = [...agent, told('enp2s0 10.9.9.9', '52:54:00:15:50:02')];
    expect(where(domain(userCard() + second), { agent: both })).toBe('10.9.9.9');
    expect(where(domain(userCard() + second), { agent })).toBeUndefined();
  });

  test.each([
    [
      '<portForward proto="tcp" address="127.0.0.1"><range start="2222" to="22"/></portForward>',
      '127.0.0.1:2222',
    ],
    ['<portForward proto="tcp"><range start="2000" end="2100" to="0"/></portForward>', '127.0.0.1:2000'],
    ['<portForward proto="tcp"><range start="8000" end="8100" to="1"/></portForward>', '127.0.0.1:8021'],
    ['<portForward proto="tcp" address="::1"><range start="2222" to="22"/></portForward>', '127.0.0.1:2222'],
    ['<portForward proto="tcp" address="2001:db8::1"><range start="22"/></portForward>', '[2001:db8::1]:22'],
    ['<portForward proto="tcp"/>', '127.0.0.1:22'],
    ['<portForward proto="udp"><range start="2222" to="22"/></portForward>', 'user net'],
    ['<portForward proto="tcp"><range start="22" exclude="yes"/></portForward>', 'user net'],
  ])('a port that passt forwards leads to it: %s', (forward, expected) => {
    expect(where(domain(userCard(forward)), { agent })).toBe(expected);
  });

  test('a port that QEMU’s own arguments forward leads to it', () => {
    const line = `<qemu:commandline xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
      <qemu:arg value="-netdev"/><qemu:arg value="user,id=n,hostfwd=tcp::8080-:80,hostfwd=tcp::2222-:22"/>
      </qemu:commandline>`;
    expect(where(domain('', line), {})).toBe('127.0.0.1:2222');
  });
});
