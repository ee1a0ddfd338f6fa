/** What a chain needs to know of a volume. */
export interface ChainLink {
  readonly pool: string;
  readonly name: string;
  /** Undefined for volumes without one: nothing can stand on them. */
  readonly path: string | undefined;
  /** Path of what it stands on. */
  readonly backing: string | undefined;
}

/** A volume's place among those that stand on each other. */
export interface BackingChain<T extends ChainLink> {
  /** What it stands on, the nearest first. */
  readonly below: readonly ChainBase<T>[];
  /** What stands on it, each with what stands on that. */
  readonly above: readonly ChainBranch<T>[];
}

export interface ChainBase<T> {
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

/** What a volume stands on and what stands on it, among all the volumes given. */
export function backingChain<T extends ChainLink>(volume: T, all: readonly T[]): BackingChain<T> {
  const byPath = new Map(all.flatMap((one) => (one.path === undefined ? [] : [[one.path, one] as const])));
  return { below: basesOf(volume, byPath), above: branchesOf(volume, byBase(all), new Set()) };
}

/** Every volume that cannot be read without this one. */
export function dependents<T extends ChainLink>(volume: T, all: readonly T[]): readonly T[] {
  const flat = (branches: readonly ChainBranch<T>[]): T[] =>
    branches.flatMap((branch) => [branch.volume, ...flat(branch.above)]);
  return flat(branchesOf(volume, byBase(all), new Set()));
}

function basesOf<T extends ChainLink>(volume: T, byPath: ReadonlyMap<string, T>): ChainBase<T>[] {
  const met = new Set([volume.path]);
  const bases: ChainBase<T>[] = [];
  let path = volume.backing;
  while (path !== undefined) {
    const base = byPath.get(path);
    const ring = met.has(path);
    bases.push({ path, volume: base, ring });
    if (ring) break;
    met.add(path);
    path = base?.backing;
  }
  return bases;
}

function branchesOf<T extends ChainLink>(
  { path }: T,
  standing: ReadonlyMap<string, readonly T[]>,
  met: ReadonlySet<string>,
): ChainBranch<T>[] {
  if (path === undefined || met.has(path)) return [];
  const seen = new Set([...met, path]);
  return (standing.get(path) ?? []).map((volume) => ({ volume, above: branchesOf(volume, standing, seen) }));
}

/** What stands on each path. A base may carry thousands. */
function byBase<T extends ChainLink>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const standing = new Map<string, T[]>();
  for (const volume of all) {
    if (volume.backing === undefined) continue;
    const others = standing.get(volume.backing);
    if (others === undefined) standing.set(volume.backing, [volume]);
    else others.push(volume);
  }
  return standing;
}
