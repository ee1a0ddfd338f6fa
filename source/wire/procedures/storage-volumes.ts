import { POOL, VOL } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, str, u32, u64 } from '../xdr.js';

/** Storage volumes. */
export const storageVolumes = {
  STORAGE_VOL_CREATE_XML: proc(93, { pool: POOL, xml: str, flags: u32 }, { vol: VOL }),
  STORAGE_VOL_CREATE_XML_FROM: proc(125, { pool: POOL, xml: str, clonevol: VOL, flags: u32 }, { vol: VOL }),
  STORAGE_VOL_DELETE: proc(94, { vol: VOL, flags: u32 }, {}),
  STORAGE_VOL_WIPE: proc(165, { vol: VOL, flags: u32 }, {}),
  STORAGE_VOL_WIPE_PATTERN: proc(259, { vol: VOL, algorithm: u32, flags: u32 }, {}),
  STORAGE_VOL_RESIZE: proc(260, { vol: VOL, capacity: u64, flags: u32 }, {}),
  STORAGE_VOL_GET_INFO: proc(98, { vol: VOL }, { type: i32, capacity: u64, allocation: u64 }),
  STORAGE_VOL_GET_INFO_FLAGS: proc(
    378,
    { vol: VOL, flags: u32 },
    { type: i32, capacity: u64, allocation: u64 },
  ),
  STORAGE_VOL_GET_XML_DESC: proc(99, { vol: VOL, flags: u32 }, { xml: str }),
  STORAGE_VOL_GET_PATH: proc(100, { vol: VOL }, { name: str }),
  STORAGE_VOL_LOOKUP_BY_NAME: proc(95, { pool: POOL, name: str }, { vol: VOL }),
  STORAGE_VOL_LOOKUP_BY_KEY: proc(96, { key: str }, { vol: VOL }),
  STORAGE_VOL_LOOKUP_BY_PATH: proc(97, { path: str }, { vol: VOL }),
  STORAGE_VOL_UPLOAD: proc(208, { vol: VOL, offset: u64, length: u64, flags: u32 }, {}), // stream, client to server
  STORAGE_VOL_DOWNLOAD: proc(209, { vol: VOL, offset: u64, length: u64, flags: u32 }, {}), // stream, server to client
};
