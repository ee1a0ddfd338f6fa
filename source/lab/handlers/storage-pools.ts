import { refuseStorage as refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import type { LabPool } from '../world/storage/pool.js';
import {
  buildPool,
  createPool,
  definePool,
  deletePool,
  refreshPool,
  setPoolAutostart,
  startPool,
  stopPool,
  undefinePool,
} from '../world/storage/pool-changes.js';
import { poolTypes } from '../world/storage/pool-types.js';
import { checkPoolActive } from '../world/storage/storage.js';
import { findSources } from '../xml/pool-sources-xml.js';
import { poolXml, readPoolXml } from '../xml/pool-xml.js';
import { either, type Filter, filtered } from './filters.js';

/** virStoragePoolState */
const State = { inactive: 0, running: 2 } as const;
/** VIR_STORAGE_XML_INACTIVE */
const inactiveXml = 1;
/** virStoragePoolCreateFlags: build it first, whatever is there. */
const withBuild = 1 | 2 | 4;

/** virConnectListAllStoragePoolsFlags */
const filters: readonly (readonly Filter<LabPool>[])[] = [
  either(1, ({ active }) => !active),
  either(4, ({ persistent }) => persistent),
  either(16, ({ autostart }) => autostart),
  Object.values(poolTypes).map((type): Filter<LabPool> => [type.bit, (pool) => pool.type === type]),
];

/** Storage pools. */
export const storagePools: HandlerTable = {
  CONNECT_LIST_ALL_STORAGE_POOLS({ need_results, flags }, { world }) {
    const pools = filtered(world.storage.pools.values(), filters, flags).map(({ wire }) => wire);
    return { pools: need_results ? pools : [], ret: pools.length };
  },
  CONNECT_FIND_STORAGE_POOL_SOURCES: ({ type, srcSpec }) => ({ xml: findSources(type, srcSpec) }),
  STORAGE_POOL_LOOKUP_BY_NAME: ({ name }, { world }) => ({ pool: world.storage.findPool(name).wire }),
  STORAGE_POOL_LOOKUP_BY_UUID({ uuid }, { world }) {
    const pool = world.storage.pools.get(uuid);
    if (pool === undefined) throw refuse.noPool(`no storage pool with matching uuid '${uuid}'`);
    return { pool: pool.wire };
  },
  STORAGE_POOL_LOOKUP_BY_VOLUME: ({ vol }, { world }) => ({ pool: world.storage.findPool(vol.pool).wire }),
  STORAGE_POOL_LOOKUP_BY_TARGET_PATH({ path }, { world }) {
    const clean = path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    const pool = [...world.storage.pools.values()].find(
      ({ active, definition }) => active && definition.path === clean,
    );
    if (pool === undefined) throw refuse.noPool(`no storage pool with matching target path '${path}'`);
    return { pool: pool.wire };
  },
  STORAGE_POOL_GET_XML_DESC({ pool, flags }, { world }) {
    return { xml: poolXml(world.storage.poolOf(pool), (flags & inactiveXml) !== 0) };
  },
  STORAGE_POOL_GET_INFO({ pool }, { world }) {
    const { active, space } = world.storage.poolOf(pool);
    return { state: active ? State.running : State.inactive, ...space };
  },
  STORAGE_POOL_GET_AUTOSTART({ pool }, { world }) {
    return { autostart: Number(world.storage.poolOf(pool).autostart) };
  },
  STORAGE_POOL_SET_AUTOSTART: ({ pool, autostart }, { world }) =>
    setPoolAutostart(world.storage.poolOf(pool), autostart !== 0),
  STORAGE_POOL_IS_ACTIVE: ({ pool }, { world }) => ({ active: Number(world.storage.poolOf(pool).active) }),
  STORAGE_POOL_IS_PERSISTENT({ pool }, { world }) {
    return { persistent: Number(world.storage.poolOf(pool).persistent) };
  },
  STORAGE_POOL_NUM_OF_VOLUMES({ pool }, { world }) {
    const found = world.storage.poolOf(pool);
    checkPoolActive(found);
    return { num: found.volumes.size };
  },
  STORAGE_POOL_DEFINE_XML({ xml }, { world }) {
    return { pool: definePool(world, readPoolXml(xml, world.random)).wire };
  },
  STORAGE_POOL_CREATE_XML({ xml, flags }, { world }) {
    const definition = readPoolXml(xml, world.random);
    return { pool: createPool(world, definition, (flags & withBuild) !== 0).wire };
  },
  STORAGE_POOL_CREATE: ({ pool, flags }, { world }) =>
    startPool(world, world.storage.poolOf(pool), (flags & withBuild) !== 0),
  STORAGE_POOL_BUILD: ({ pool }, { world }) => buildPool(world, world.storage.poolOf(pool)),
  STORAGE_POOL_DESTROY: ({ pool }, { world }) => stopPool(world, world.storage.poolOf(pool)),
  STORAGE_POOL_DELETE: ({ pool }, { world }) => deletePool(world, world.storage.poolOf(pool)),
  STORAGE_POOL_UNDEFINE: ({ pool }, { world }) => undefinePool(world, world.storage.poolOf(pool)),
  STORAGE_POOL_REFRESH: ({ pool }, { world }) => refreshPool(world, world.storage.poolOf(pool)),
};
