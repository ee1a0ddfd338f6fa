import { describe, expect, it } from 'vitest';
import { formatAddress, inSubnet, parseAddress, prefixOf } from '../../source/lab/world/networks/address.js';
import { leasesOf } from '../../source/lab/world/networks/leases.js';
import { stillLab } from './bed.js';

describe('addresses', () => {
  it.each([
    ['192.168.122.1', '192.168.122.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['fd20:0:0:20::100', 'fd20:0:0:20::100'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['fe80::', 'fe80::'],
    ['::ffff:1.2.3.4', '::ffff:102:304'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatAddress(parseAddress(text)!)).toBe(printed);
  });

  it.each(['', '1.2.3', '1.2.3.256', 'fe80::1%eth0', ':::', 'host'])('%s is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it.each([
    ['255.255.255.0', 24],
    ['255.255.0.0', 16],
    ['0.0.0.0', 0],
    ['255.0.255.0', undefined],
    ['fe80::', undefined],
  ])('the netmask %s has the prefix %s', (netmask, prefix) => {
    expect(prefixOf(netmask)).toBe(prefix);
  });

  it('lie in a subnet or not', () => {
    const at = (text: string) => parseAddress(text)!;
    expect(inSubnet(at('10.0.1.1'), at('10.0.1.254'), 24)).toBe(true);
    expect(inSubnet(at('10.0.1.1'), at('10.0.2.1'), 24)).toBe(false);
    expect(inSubnet(at('::1'), at('0.0.0.1'), 0)).toBe(false);
  });
});

describe('leases', () => {
  it.each([24, 400, 5000])('of %d domains are nobody else’s, and in the range', (domains) => {
    const { lab } = stillLab({ domains });
    const network = lab.world.networks.running('default')!;
    const [ip] = network.ips;
    const leases = leasesOf(network, lab.world.domains.values(), lab.world.now());
    expect(leases.length).toBeGreaterThan(domains / 3);
    expect(new Set(leases.map(({ ipaddr }) => ipaddr)).size).toBe(leases.length);
    for (const { ipaddr } of leases) {
      const { value } = parseAddress(ipaddr)!;
      expect(value >= ip!.ranges[0]!.start.value && value <= ip!.ranges[0]!.end.value).toBe(true);
    }
  });
});
