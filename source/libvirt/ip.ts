import ipaddr from 'ipaddr.js';

/** An IPv4 or IPv6 network: the network's own address, and how many bits of it count. */
export interface Subnet {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

/**
 * Reads "192.168.122.0/24" or "fd00:1::/64"; the address may be any of the network.
 *
 * @returns undefined where it is none
 */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/([^/]+)$/.exec(text.trim()) ?? [];
  const ip = parseAddress(address);
  const bits = Number(prefix);
  if (ip === undefined || !/^\d{1,3}$/.test(prefix) || bits > (ip.kind() === 'ipv4' ? 32 : 128))
    return undefined;
  return { family: ip.kind() as Subnet['family'], address: networkAddress(ip, bits), prefix: bits };
}

/** The subnet that an address and a netmask or prefix make, as libvirt writes `<ip>`. */
export function subnetOf(
  address: string,
  netmask: string | undefined,
  prefix: string | undefined,
): Subnet | undefined {
  if (prefix !== undefined) return parseSubnet(`${address}/${prefix}`);
  const mask = netmask === undefined ? undefined : parseAddress(netmask);
  const bits = mask?.kind() === 'ipv4' ? (mask as ipaddr.IPv4).prefixLengthFromSubnetMask() : undefined;
  return bits === null || bits === undefined ? undefined : parseSubnet(`${address}/${bits}`);
}

/** The prefix that libvirt gives an address without one: that of its class, half of IPv6 (virSocketAddrGetIPPrefix). */
export function classPrefix(address: string): number {
  const ip = parseAddress(address);
  const [first = 0] = ip?.toByteArray() ?? [];
  if (ip?.kind() === 'ipv6') return 64;
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

export function isAddress(text: string, family?: Subnet['family']): boolean {
  const ip = parseAddress(text);
  return ip !== undefined && (family === undefined || ip.kind() === family);
}

/**
 * An address as a guest or a DHCP server tells it, in its usual spelling.
 *
 * @returns undefined for what is none, or only one together with a zone ("fe80::1%eth0")
 */
export function readAddress(
  text: string,
): { readonly family: Subnet['family']; readonly address: string } | undefined {
  const ip = parseAddress(text);
  return ip === undefined ? undefined : { family: ip.kind() as Subnet['family'], address: ip.toString() };
}

/** Unspecified, loopback, link-local, multicast, broadcast and reserved ones, and IPv4 within IPv6. */
const nowhere: readonly Subnet[] = [
  { family: 'ipv4', address: '0.0.0.0', prefix: 8 },
  { family: 'ipv4', address: '127.0.0.0', prefix: 8 },
  { family: 'ipv4', address: '169.254.0.0', prefix: 16 },
  { family: 'ipv4', address: '224.0.0.0', prefix: 3 },
  { family: 'ipv6', address: '::', prefix: 64 },
  { family: 'ipv6', address: 'fe80::', prefix: 10 },
  { family: 'ipv6', address: 'ff00::', prefix: 8 },
];

/** Whether another machine can reach an address by nothing but itself; false for what is no address. */
export function leadsSomewhere(address: string): boolean {
  return isAddress(address) && !nowhere.some((network) => contains(network, address));
}

/** True when the address lies in the network. */
export function contains({ address, prefix }: Subnet, text: string): boolean {
  const network = parseAddress(address);
  const ip = parseAddress(text);
  if (network === undefined || ip === undefined || network.kind() !== ip.kind()) return false;
  return (ip as ipaddr.IPv4).match(network as ipaddr.IPv4, prefix);
}

/** True when two networks have an address in common. */
export function overlaps(a: Subnet, b: Subnet): boolean {
  return contains(a, b.address) || contains(b, a.address);
}

/** Orders addresses of one family: negative where `a` is lower. */
export function compareAddresses(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((text) => parseAddress(text)?.toByteArray());
  for (let i = 0; i < left.length; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * What addresses are sorted by: texts of equal length within a family, IPv4 first. What is no address comes last.
 * Made once for each: comparing 60,000 leases as addresses takes seconds.
 */
export function addressOrder(address: string): string {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address))
    return `4${address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('')}`;
  const bytes = parseAddress(address)?.toByteArray();
  return bytes === undefined ? `9${address}` : `6${Buffer.from(bytes).toString('hex')}`;
}

/** Items in the order of their addresses; those of one address stay as they are. */
export function byAddress<T>(items: readonly T[], addressOf: (item: T) => string): T[] {
  const keyed = items.map((item) => ({ item, key: addressOrder(addressOf(item)) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ item }) => item);
}

/** The n-th address of a network, from 0; negative counts from behind its last one. */
export function nthAddress({ address, prefix }: Subnet, n: number): string {
  const ip = parseAddress(address);
  if (ip === undefined) throw new RangeError(`no address: ${address}`);
  const bytes = ip.toByteArray();
  const bits = BigInt(bytes.length * 8);
  const first = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const size = 1n << (bits - BigInt(prefix));
  const value = n >= 0 ? first + BigInt(n) : first + size + BigInt(n);
  const result = bytes.map((_, i) => Number((value >> (bits - 8n * BigInt(i + 1))) & 255n));
  return ipaddr.fromByteArray(result).toString();
}

/** "255.255.255.0" */
export function netmask(prefix: number): string {
  return ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString();
}

function networkAddress(ip: ipaddr.IPv4 | ipaddr.IPv6, prefix: number): string {
  const text = `${ip.toString()}/${prefix}`;
  return ip.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(text).toString()
    : ipaddr.IPv6.networkAddressFromCIDR(text).toString();
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // The library also takes "10" and "0x7f.1": here people mean what they write.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)
    ? ipaddr.IPv6.parse(text)
    : undefined;
}
