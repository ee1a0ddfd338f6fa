import { POOL, VOL } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, maybe, str, u32, u64, uuid } from '../xdr.js';

/** Storage pools. */
export const storagePools = {
  STORAGE_POOL_LOOKUP_BY_NAME: proc(84, { name: str }, { pool: POOL }),
  STORAGE_POOL_LOOKUP_BY_UUID: proc(85, { uuid: uuid }, { pool: POOL }),
  STORAGE_POOL_LOOKUP_BY_VOLUME: proc(86, { vol: VOL }, { pool: POOL }),
  STORAGE_POOL_LOOKUP_BY_TARGET_PATH: proc(391, { path: str }, { pool: POOL }),
  STORAGE_POOL_GET_XML_DESC: proc(88, { pool: POOL, flags: u32 }, { xml: str }),
  STORAGE_POOL_DEFINE_XML: proc(77, { xml: str, flags: u32 }, { pool: POOL }),
  STORAGE_POOL_CREATE_XML: proc(76, { xml: str, flags: u32 }, { pool: POOL }),
  STORAGE_POOL_CREATE: proc(78, { pool: POOL, flags: u32 }, {}),
  STORAGE_POOL_BUILD: proc(79, { pool: POOL, flags: u32 }, {}),
  STORAGE_POOL_DESTROY: proc(80, { pool: POOL }, {}),
  STORAGE_POOL_DELETE: proc(81, { pool: POOL, flags: u32 }, {}),
  STORAGE_POOL_UNDEFINE: proc(82, { pool: POOL }, {}),
  STORAGE_POOL_REFRESH: proc(83, { pool: POOL, flags: u32 }, {}),
  STORAGE_POOL_GET_AUTOSTART: proc(89, { pool: POOL }, { autostart: i32 }),
  STORAGE_POOL_SET_AUTOSTART: proc(90, { pool: POOL, autostart: i32 }, {}),
  STORAGE_POOL_GET_INFO: proc(
    87,
    { pool: POOL },
    { state: u32, capacity: u64, allocation: u64, available: u64 },
  ),
  STORAGE_POOL_IS_ACTIVE: proc(154, { pool: POOL }, { active: i32 }),
  STORAGE_POOL_IS_PERSISTENT: proc(155, { pool: POOL }, { persistent: i32 }),
  STORAGE_POOL_NUM_OF_VOLUMES: proc(91, { pool: POOL }, { num: i32 }),
  CONNECT_FIND_STORAGE_POOL_SOURCES: proc(75, { type: str, srcSpec: maybe(str), flags: u32 }, { xml: str }),
};
