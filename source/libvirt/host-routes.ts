import { readFileSync } from 'node:fs';

/** A route of this machine that leads to a network of its own: not the default one. */
export interface Route {
  readonly device: string;
  /** "192.168.1.0/24" */
  readonly subnet: string;
}

/**
 * The IPv4 routes of this machine, as the kernel tells them (proc(5), /proc/net/route: addresses as little-endian
 * hexadecimal). Empty where it tells none.
 */
export function readRoutes(
  read: () => string = () => readFileSync('/proc/net/route', 'utf8'),
): readonly Route[] {
  let text: string;
  try {
    text = read();
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination = '', , , , , , mask = ''] = line
        .split('\t')
        .map((cell) => cell.trim());
      const prefix = bitsOf(mask);
      if (device === '' || !/^[\dA-F]{8}$/i.test(destination) || prefix === 0) return [];
      return [{ device, subnet: `${addressOf(destination)}/${prefix}` }];
    });
}

function addressOf(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function bitsOf(hex: string): number {
  const value = Number.parseInt(hex, 16);
  return Number.isNaN(value) ? 0 : value.toString(2).replaceAll('0', '').length;
}
