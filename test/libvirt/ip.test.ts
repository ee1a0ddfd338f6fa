import { expect, test } from 'vitest';
import {
  byAddress,
  compareAddresses,
  contains,
  isAddress,
  netmask,
  nthAddress,
  overlaps,
  parseSubnet,
  type Subnet,
  subnetOf,
} from '../../source/libvirt/ip.js';

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text);
  if (parsed === undefined) throw new Error(`no subnet: ${text}`);
  return parsed;
};

test('a subnet is read from any of its addresses', () => {
  expect(parseSubnet('192.168.122.77/24')).toEqual({ family: 'ipv4', address: '192.168.122.0', prefix: 24 });
  expect(parseSubnet(' fd00:1::5/64 ')).toEqual({ family: 'ipv6', address: 'fd00:1::', prefix: 64 });
});

test.each([
  '',
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/9',
  '10/8',
  '0x0a.0.0.0/8',
  '256.1.1.1/24',
  'fd00::/129',
  'fe80::1%eth0/64',
  'web/24',
])('"%s" is no subnet', (text) => {
  expect(parseSubnet(text)).toBeUndefined();
});

test('libvirt writes a netmask or a prefix', () => {
  expect(subnetOf('10.1.0.1', '255.255.0.0', undefined)).toMatchObject({ address: '10.1.0.0', prefix: 16 });
  expect(subnetOf('fd00:1::1', undefined, '64')).toMatchObject({ address: 'fd00:1::', prefix: 64 });
  expect(subnetOf('10.1.0.1', '255.0.255.0', undefined)).toBeUndefined();
  expect(subnetOf('10.1.0.1', undefined, undefined)).toBeUndefined();
  expect(netmask(20)).toBe('255.255.240.0');
});

test('what lies in it, and what overlaps', () => {
  const lab = subnet('192.168.122.0/24');
  expect(contains(lab, '192.168.122.255')).toBe(true);
  expect(contains(lab, '192.168.123.0')).toBe(false);
  expect(contains(lab, 'fd00::1')).toBe(false);
  expect(contains(lab, 'no address')).toBe(false);
  expect(overlaps(lab, subnet('192.168.0.0/16'))).toBe(true);
  expect(overlaps(subnet('192.168.0.0/16'), lab)).toBe(true);
  expect(overlaps(lab, subnet('192.168.123.0/24'))).toBe(false);
});

test('addresses are counted from both ends and compared as numbers', () => {
  const lab = subnet('192.168.122.0/24');
  expect(nthAddress(lab, 1)).toBe('192.168.122.1');
  expect(nthAddress(lab, -2)).toBe('192.168.122.254');
  expect(nthAddress(subnet('fd00:1::/64'), 0x100)).toBe('fd00:1::100');
  expect(compareAddresses('10.0.0.9', '10.0.0.10')).toBeLessThan(0);
  expect(isAddress('10.0.0.9', 'ipv6')).toBe(false);
  expect(isAddress('::1')).toBe(true);
});

test('addresses are sorted as numbers, IPv4 before IPv6, and what is none comes last', () => {
  const sorted = ['10.0.0.2', '10.0.0.10', '192.168.0.1', '::2', 'fd00::1', 'fd00::a', 'nothing'];
  expect(byAddress(sorted.toReversed(), (address) => address)).toEqual(sorted);
});
