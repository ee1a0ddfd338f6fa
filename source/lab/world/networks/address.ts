import { isIPv4, isIPv6 } from 'node:net';

export type Family = 'ipv4' | 'ipv6';

/** An IP address as a number. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

export const bitsOf: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 };

/** Absent for what is no address. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) {
    const value = text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { family: 'ipv4', value };
  }
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head = '', tail] = withoutDots(text).split('::');
  const high = head === '' ? [] : head.split(':');
  const low = tail ? tail.split(':') : [];
  const zeros: string[] = new Array(8 - high.length - low.length).fill('0');
  const groups = tail === undefined ? high : [...high, ...zeros, ...low];
  return { family: 'ipv6', value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

/** An address as libvirt prints it: IPv6 with its longest run of zeros left out. */
export function formatAddress({ family, value }: Address): string {
  const parts = family === 'ipv4' ? 4 : 8;
  const size = family === 'ipv4' ? 8n : 16n;
  const mask = (1n << size) - 1n;
  const groups = Array.from(
    { length: parts },
    (_, index) => (value >> (size * BigInt(parts - 1 - index))) & mask,
  );
  if (family === 'ipv4') return groups.join('.');
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = [...text.matchAll(/\b0(:0)+\b/g)].sort((a, b) => b[0].length - a[0].length);
  const longest = runs[0];
  if (longest === undefined) return text;
  const end = longest.index + longest[0].length;
  return `${text.slice(0, longest.index).replace(/:$/, '')}::${text.slice(end).replace(/^:/, '')}`;
}

/** The length of the prefix that a netmask stands for; absent for what is no netmask. */
export function prefixOf(netmask: string): number | undefined {
  const mask = parseAddress(netmask);
  if (mask?.family !== 'ipv4') return undefined;
  const bits = mask.value.toString(2).padStart(32, '0');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** True when both addresses lie in one subnet of this prefix. */
export function inSubnet(one: Address, other: Address, prefix: number): boolean {
  if (one.family !== other.family) return false;
  const shift = BigInt(bitsOf[one.family] - prefix);
  return one.value >> shift === other.value >> shift;
}

/** "::ffff:1.2.3.4" in groups of hexadecimal digits. */
function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
