import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import type { DefaultPool } from '../world/default-pool.js';
import type { World } from '../world/world.js';
import { poolXml } from '../xml/host-xml.js';

/** virStoragePoolState */
const running = 2;
/** virConnectListAllStoragePoolsFlags: the other kind of each pair, and this pool's own. */
const others = [
  [1, 2],
  [8, 4],
  [32, 16],
] as const;
const dirType = 64;
const allTypes = 0xfffc0;

/** The default pool, its volumes left to a later issue. */
export const storagePools: HandlerTable = {
  CONNECT_LIST_ALL_STORAGE_POOLS({ need_results, flags }, { world: { pool } }) {
    const otherKind = others.some(([other, own]) => flags & other && !(flags & own));
    const otherType = flags & allTypes && !(flags & dirType);
    const { name, uuid } = pool;
    const pools = otherKind || otherType ? [] : [{ name, uuid }];
    return { pools: need_results ? pools : [], ret: pools.length };
  },
  STORAGE_POOL_LOOKUP_BY_NAME({ name }, { world: { pool } }) {
    if (name !== pool.name) throw refuse.noPool(`no storage pool with matching name '${name}'`);
    return { pool: { name, uuid: pool.uuid } };
  },
  STORAGE_POOL_LOOKUP_BY_UUID({ uuid }, { world }) {
    const { name } = poolOf(world, { name: '', uuid });
    return { pool: { name, uuid } };
  },
  STORAGE_POOL_GET_XML_DESC: ({ pool }, { world }) => ({ xml: poolXml(poolOf(world, pool)) }),
  STORAGE_POOL_GET_INFO({ pool }, { world }) {
    const { capacity, allocation } = poolOf(world, pool);
    return { state: running, capacity, allocation, available: capacity - allocation };
  },
  STORAGE_POOL_GET_AUTOSTART({ pool }, { world }) {
    poolOf(world, pool);
    return { autostart: 1 };
  },
  STORAGE_POOL_IS_ACTIVE({ pool }, { world }) {
    poolOf(world, pool);
    return { active: 1 };
  },
  STORAGE_POOL_IS_PERSISTENT({ pool }, { world }) {
    poolOf(world, pool);
    return { persistent: 1 };
  },
};

function poolOf({ pool }: World, { name, uuid }: { name: string; uuid: string }): DefaultPool {
  if (uuid !== pool.uuid) {
    throw refuse.noPool(`no storage pool with matching uuid '${uuid}'${name ? ` (${name})` : ''}`);
  }
  return pool;
}
