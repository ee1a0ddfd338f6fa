import type { Pool, Volume } from '../../../inventory/object-types.js';
import { VolumeUsers } from '../../../inventory/volume-users.js';
import type { UiStore } from '../../ui-state.js';
import { connectionOf } from '../live-connection.js';
import type { ScreenHost } from '../screen-host.js';
import { linkOf, type VolumeLink } from './volume-facts.js';

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

/** The connection's name for titles, or what is left of it. */
export function connectionName(place: Pick<PoolPlace, 'host' | 'connectionId'>): string {
  return connectionOf(place)?.name ?? place.connectionId;
}

const users = new WeakMap<UiStore, Map<string, VolumeUsers>>();

/** Who uses the volumes of a connection: one for all screens, so that hosts are asked once. */
export function volumeUsersOf(place: Pick<PoolPlace, 'host' | 'connectionId'>): VolumeUsers {
  const { host, connectionId } = place;
  const all = users.get(host.ui) ?? new Map<string, VolumeUsers>();
  users.set(host.ui, all);
  const known = all.get(connectionId);
  if (known !== undefined) return known;
  const made = new VolumeUsers({
    ask: (call) => host.inventory.ask(connectionId, call),
    domains: () => connectionOf(place)?.domains.values() ?? [],
    changed: () => host.ui.setState({}),
  });
  all.set(connectionId, made);
  return made;
}

/** Every volume that could be read, as links of chains, and what could not be. */
export interface AllVolumes {
  readonly links: readonly VolumeLink[];
  /** Names of pools, and of volumes as "pool/volume". */
  readonly unread: readonly string[];
}

/** Descriptions that are read before keys get their turn again. */
const readTogether = 200;

/** Reads every volume of every active pool, whatever that takes: chains cross pools. */
export async function readAllVolumes(place: Pick<PoolPlace, 'host' | 'connectionId'>): Promise<AllVolumes> {
  const { inventory } = place.host;
  const pools = connectionOf(place)?.pools.items ?? [];
  const active = pools.filter((pool) => pool.active);
  const unread: string[] = [];
  const volumes: Volume[] = [];
  for (const { uuid, name } of active) {
    volumes.push(...(await inventory.readAllVolumes(place.connectionId, uuid)));
    if (poolOf({ ...place, uuid })?.volumes.state === 'failed') unread.push(name);
  }
  const links: VolumeLink[] = [];
  for (const [at, volume] of volumes.entries()) {
    if (at % readTogether === readTogether - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    const link = linkOf(volume);
    links.push(link);
    if (link.facts === undefined) unread.push(`${volume.pool}/${volume.name}`);
  }
  return { links, unread };
}
