import type { Listing, Pool, Volume } from '../../../../source/inventory/object-types.js';
import { unread } from '../../../../source/inventory/object-types.js';
import type { FakeConnection, FakeInventory } from '../../fake-inventory.js';

export const gib = 1024 ** 3;

export interface VolumeSpec {
  readonly name: string;
  readonly format?: string;
  readonly capacity?: number;
  readonly allocation?: number;
  readonly backing?: string;
  /** The host could not look at what it stands on. */
  readonly broken?: boolean;
  /** Its XML has not been asked for. */
  readonly unread?: boolean;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A volume of the pool "images" as libvirt describes it. */
export function volume(spec: VolumeSpec, pool = 'images'): Volume {
  const { name, format = 'qcow2', capacity = 10 * gib, allocation = 2 * gib, backing, broken } = spec;
  const path = `/${pool}/${name}`;
  const base =
    backing === undefined
      ? ''
      : `<backingStore><path>${escaped(backing)}</path><format type='qcow2'/>${
          broken === true ? '' : '<permissions><mode>0600</mode></permissions>'
        }</backingStore>`;
  const xml = `<volume type='file'>
  <name>${escaped(name)}</name>
  <capacity unit='bytes'>${capacity}</capacity>
  <allocation unit='bytes'>${allocation}</allocation>
  <target><path>${escaped(path)}</path><format type='${format}'/></target>
  ${base}
</volume>`;
  return { pool, name, key: path, xml: spec.unread === true ? undefined : xml, error: undefined };
}

export function ready<T>(items: readonly T[]): Listing<T> {
  return { state: 'ready', items, error: undefined };
}

export function pool(
  connectionId: string,
  name: string,
  patch: Partial<Pool> & { readonly type?: string; readonly path?: string; readonly source?: string } = {},
): Pool {
  const { type = 'dir', path = `/${name}`, source = '', ...rest } = patch;
  const active = rest.active ?? true;
  return {
    name,
    uuid: `uuid-${name}`,
    connectionId,
    active,
    autostart: true,
    persistent: true,
    xml: `<pool type='${type}'><name>${escaped(name)}</name>${source}<target><path>${path}</path></target></pool>`,
    info: active
      ? { state: 'running', capacity: 100 * gib, allocation: 25 * gib, available: 75 * gib }
      : { state: 'inactive', capacity: 0, allocation: 0, available: 0 },
    pending: undefined,
    volumes: unread,
    ...rest,
  };
}

/** Puts other pools in the place of a connection's. */
export function setPools(inventory: FakeInventory, connection: FakeConnection, pools: readonly Pool[]): void {
  connection.pools = ready(pools);
  inventory.changed();
}

/** The usual pools: one of directories with volumes, one that is off. */
export function fill(
  volumes: readonly Volume[] = [
    volume({ name: 'base.qcow2' }),
    volume({ name: 'web-1.qcow2', backing: '/images/base.qcow2', capacity: 20 * gib }),
    volume({ name: 'iso.raw', format: 'raw', capacity: gib, allocation: gib }),
  ],
): (inventory: FakeInventory) => FakeConnection {
  return (inventory) => {
    const connection = inventory.addHost('stardust', [{ name: 'web-1' }]);
    const images = pool(connection.id, 'images', { volumes: ready(volumes) });
    const off = pool(connection.id, 'vg0', { type: 'logical', active: false, autostart: false });
    connection.pools = ready([images, off]);
    return connection;
  };
}
