import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { Problem } from '../../kit/form/form.js';
import { factsOf } from './volume-facts.js';

const longestName = 255;

/** What is wrong with the name of a new volume, before anything is asked of libvirt. */
export function nameProblems(name: string, pool: Pool | undefined, field = 'name'): Problem[] {
  const problem = nameProblem(name, pool);
  return problem === undefined ? [] : [{ field, message: problem }];
}

function nameProblem(name: string, pool: Pool | undefined): string | undefined {
  if (name === '') return 'give it a name, for example disk.qcow2';
  if (name.includes('/')) return 'a name has no slash';
  if (name === '.' || name === '..') return 'this is no name of a file';
  if (/[\0-\x1f\x7f]/.test(name)) return 'a name has no control characters';
  if (Buffer.byteLength(name) > longestName) return `a name has ${longestName} bytes at most`;
  if (pool?.volumes.items.some((volume) => volume.name === name) === true)
    return `there is a volume ${name} in ${pool.name} already`;
  return undefined;
}

/** What a new volume is to stand on: named by a volume of the pool, or by its path on the host. */
export interface Base {
  readonly path: string;
  /** Where it is a volume of the pool. */
  readonly volume: Volume | undefined;
}

/** The base that was typed; undefined where nothing was, a problem where it is none. */
export function baseOf(
  typed: string | undefined,
  pool: Pool,
): Base | { readonly problem: string } | undefined {
  const text = (typed ?? '').trim();
  if (text === '') return undefined;
  const volume = pool.volumes.items.find((one) => one.name === text || factsOf(one)?.path === text);
  if (volume !== undefined) return { path: factsOf(volume)?.path ?? volume.key, volume };
  if (text.startsWith('/')) return { path: text, volume: undefined };
  return { problem: `there is no volume ${text} in ${pool.name}: write the name of one, or a path` };
}
