import { holdsFiles } from './host-facts.js';
import type { PoolChoice } from './places.js';
import type { VmRequest } from './request/vm-request.js';

/** Names of the volumes that a domain gets. */
export function volumeNames(
  name: string,
  format: string | undefined,
): { readonly disk: string; readonly seed: string } {
  return { disk: format === undefined ? name : `${name}.${format}`, seed: `${name}-seed.iso` };
}

/** The format of the new disk; pools of devices have none. */
export function diskFormat({ disk }: VmRequest, pool: PoolChoice): 'qcow2' | 'raw' | undefined {
  if (pool.kind === 'there' && !holdsFiles(pool.facts)) return undefined;
  return disk?.format ?? 'qcow2';
}
