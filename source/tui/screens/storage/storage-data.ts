import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import {
  brokenByChange,
  type HostVolumes,
  readUse,
  refreshPools,
  settled,
  type Unread,
} from '../../../provision/volume-holders.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { type FoundVolume, linkOf, type VolumeLink } from './volume-facts.js';

/** What every screen about a pool's volumes is given. */
export interface PoolPlace {
  readonly host: ScreenHost;
  readonly connectionId: string;
  /** The pool's. */
  readonly uuid: string;
}

export function poolOf(place: PoolPlace): Pool | undefined {
  return connectionOf(place)?.pools.items.find(({ uuid }) => uuid === place.uuid);
}

/** Looks at the pool and its volumes, until the returned calls. */
export function watchPool({ host: { inventory }, connectionId, uuid }: PoolPlace): readonly (() => void)[] {
  return [inventory.watchPools(connectionId), inventory.watchVolumes(connectionId, uuid)];
}

/** The connection's name for titles, or what is left of it. */
export function connectionName(place: Pick<PoolPlace, 'host' | 'connectionId'>): string {
  return connectionOf(place)?.name ?? place.connectionId;
}

/** Descriptions that are read before keys get their turn again. */
const readTogether = 200;

/**
 * Every volume of every active pool, whatever that takes, and who holds what: chains cross pools. The host looks for
 * volumes anew first, so that a verdict is that of the commands. What could not be read is `unread`.
 *
 * @throws LibvirtError where the connection fails
 */
export async function readHost(
  place: Pick<PoolPlace, 'host' | 'connectionId'>,
): Promise<HostVolumes<VolumeLink>> {
  const { inventory } = place.host;
  const ask = <T>(call: (hypervisor: Hypervisor) => Promise<T>): Promise<T> =>
    inventory.ask(place.connectionId, call);
  const lost = await ask(refreshPools);
  const use = ask(readUse);
  // Its failure is told where it is waited for.
  use.catch(() => {});
  const pools = connectionOf(place)?.pools.items ?? [];
  const unread: Unread[] = [...lost];
  const volumes: Volume[] = [];
  for (const { uuid, name, active } of pools) {
    if (!active) continue;
    volumes.push(...(await inventory.readAllVolumes(place.connectionId, uuid)));
    if (poolOf({ ...place, uuid })?.volumes.state === 'failed') unread.push({ pool: name });
  }
  const found: FoundVolume[] = [];
  for (const [at, volume] of volumes.entries()) {
    if (at % readTogether === readTogether - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    const link = linkOf(volume);
    found.push(link);
    if (link.facts === undefined) unread.push(volume);
  }
  const known = await use;
  return ask((hypervisor) => settled(hypervisor, found, unread, known));
}

/** Who would break if the volume's size changed now. @throws LibvirtError where the connection fails */
export async function brokenNow(place: PoolPlace, volume: Volume): Promise<readonly string[]> {
  const found = await readHost(place);
  return brokenByChange(found, volume, connectionOf(place)?.domains.values() ?? []);
}
