import type { Random } from './random.js';

/** The directory in which all images lie. */
export interface DefaultPool {
  readonly name: string;
  readonly uuid: string;
  readonly path: string;
  /** Bytes. */
  readonly capacity: number;
  readonly allocation: number;
}

const tib = 1024 ** 4;

/** The pool that a new libvirt host has; large enough for the domains' images. */
export function defaultPool(domains: number, random: Random): DefaultPool {
  const capacity = Math.ceil(2 + domains * 0.15) * tib;
  return {
    name: 'default',
    uuid: random.uuid(),
    path: '/var/lib/libvirt/images',
    capacity,
    allocation: 4096 * Math.floor((capacity * 0.41) / 4096),
  };
}
