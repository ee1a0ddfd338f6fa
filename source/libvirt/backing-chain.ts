import type { Place } from './source-places.js';

/** What a chain needs to know of a volume. */
export interface ChainLink {
  readonly pool: string;
  readonly name: string;
  /** Undefined for volumes without one. */
  readonly path: string | undefined;
  /** What it stands on, as it spells it. */
  readonly backing: string | undefined;
  /** What it is, whatever it is called: volumes that have this in common are one file. */
  readonly id: string;
  /** What it stands on, as such; more than one where a driver puts images together. */
  readonly bases: readonly string[];
  /** What that stands on in turn, where it is no volume itself. */
  readonly beyond?: readonly string[];
  /** Where its data is, as far as it is not in itself. */
  readonly data?: readonly Place[];
}

/** A volume's place among those that stand on each other. */
export interface BackingChain<T extends ChainLink> {
  /** What it stands on, the nearest first. */
  readonly below: readonly ChainBase<T>[];
  /** What stands on it, each with what stands on that; each volume once. */
  readonly above: readonly ChainBranch<T>[];
}

export interface ChainBase<T> {
  /** As it is spelled by what stands on it. */
  readonly path: string;
  /** Undefined: no known volume lies there. The chain is broken, or goes on where nobody looked. */
  readonly volume: T | undefined;
  /** It has been met before on the way down: the chain is a ring. */
  readonly ring: boolean;
}

export interface ChainBranch<T> {
  readonly volume: T;
  readonly above: readonly ChainBranch<T>[];
}

/** libvirt starts no guest on a deeper chain (QEMU_DOMAIN_STORAGE_SOURCE_CHAIN_MAX_DEPTH): what is deeper is left out. */
const deepest = 200;

/** What a volume stands on and what stands on it, among all the volumes given. */
export function backingChain<T extends ChainLink>(volume: T, all: readonly T[]): BackingChain<T> {
  const index = indexOf(all);
  return { below: basesOf(volume, index), above: branchesOf(volume, index) };
}

/** Every other volume that cannot be read without this one, however deep. */
export function dependents<T extends ChainLink>(volume: T, all: readonly T[]): readonly T[] {
  const { standing } = indexOf(all);
  const met = new Set<T>();
  const ids = new Set([volume.id]);
  for (const id of ids)
    for (const other of standing.get(id) ?? []) {
      // What is the same file does not stand on it: one that backs itself has nobody else above it.
      if (other.id === volume.id) continue;
      met.add(other);
      ids.add(other.id);
    }
  return [...met];
}

/** Every volume that is the same file, this one among them. */
export function sameOnes<T extends ChainLink>({ id }: T, all: readonly T[]): readonly T[] {
  return indexOf(all).byId.get(id) ?? [];
}

function basesOf<T extends ChainLink>(volume: T, { byId }: Index<T>): ChainBase<T>[] {
  const met = new Set([volume.id]);
  const bases: ChainBase<T>[] = [];
  let top: T | undefined = volume;
  while (top?.backing !== undefined && bases.length < deepest) {
    const path: string = top.backing;
    const ids: readonly string[] = top.bases;
    const id: string = ids.find((one) => byId.has(one)) ?? ids[0] ?? path;
    const base: T | undefined = byId.get(id)?.[0];
    const ring = met.has(id);
    bases.push({ path, volume: base, ring });
    if (ring) break;
    met.add(id);
    top = base;
  }
  return bases;
}

function branchesOf<T extends ChainLink>(volume: T, { standing }: Index<T>): ChainBranch<T>[] {
  type Open = { readonly id: string; readonly into: ChainBranch<T>[]; readonly depth: number };
  const roots: ChainBranch<T>[] = [];
  const met = new Set<T>([volume]);
  const open: Open[] = [{ id: volume.id, into: roots, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { id, into, depth } = next;
    for (const other of standing.get(id) ?? []) {
      if (met.has(other)) continue;
      met.add(other);
      const above: ChainBranch<T>[] = [];
      into.push({ volume: other, above });
      if (depth < deepest) open.push({ id: other.id, into: above, depth: depth + 1 });
    }
  }
  return roots;
}

interface Index<T> {
  readonly byId: ReadonlyMap<string, readonly T[]>;
  /** What stands on each. A base may carry thousands. */
  readonly standing: ReadonlyMap<string, readonly T[]>;
}

const indices = new WeakMap<readonly ChainLink[], Index<ChainLink>>();

/** Many ask about the same volumes: these are put in order once. */
function indexOf<T extends ChainLink>(all: readonly T[]): Index<T> {
  const known = indices.get(all);
  // Made of the very same list.
  if (known !== undefined) return known as Index<T>;
  const byId = new Map<string, T[]>();
  const standing = new Map<string, T[]>();
  for (const volume of all) {
    add(byId, volume.id, volume);
    for (const id of new Set([...volume.bases, ...(volume.beyond ?? [])])) add(standing, id, volume);
  }
  const index = { byId, standing };
  indices.set(all, index);
  return index;
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
