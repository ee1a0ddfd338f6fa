import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { typedParams } from '../typed-params.js';
import { i32, maybe, opaque, str, u32, u64 } from '../xdr.js';

/** Block jobs, migration, jobs. */
export const jobs = {
  DOMAIN_BLOCK_JOB_ABORT: proc(237, { dom: DOM, path: str, flags: u32 }, {}),
  DOMAIN_GET_BLOCK_JOB_INFO: proc(
    238,
    { dom: DOM, path: str, flags: u32 },
    { found: i32, type: i32, bandwidth: u64, cur: u64, end: u64 },
  ),
  DOMAIN_BLOCK_JOB_SET_SPEED: proc(239, { dom: DOM, path: str, bandwidth: u64, flags: u32 }, {}),
  DOMAIN_BLOCK_PULL: proc(240, { dom: DOM, path: str, bandwidth: u64, flags: u32 }, {}),
  DOMAIN_BLOCK_REBASE: proc(266, { dom: DOM, path: str, base: maybe(str), bandwidth: u64, flags: u32 }, {}),
  DOMAIN_BLOCK_COPY: proc(
    345,
    { dom: DOM, path: str, destxml: str, params: typedParams(16), flags: u32 },
    {},
  ),
  DOMAIN_BLOCK_COMMIT: proc(
    290,
    { dom: DOM, disk: str, base: maybe(str), top: maybe(str), bandwidth: u64, flags: u32 },
    {},
  ),
  DOMAIN_GET_JOB_INFO: proc(
    163,
    { dom: DOM },
    {
      type: i32,
      timeElapsed: u64,
      timeRemaining: u64,
      dataTotal: u64,
      dataProcessed: u64,
      dataRemaining: u64,
      memTotal: u64,
      memProcessed: u64,
      memRemaining: u64,
      fileTotal: u64,
      fileProcessed: u64,
      fileRemaining: u64,
    },
  ),
  DOMAIN_GET_JOB_STATS: proc(298, { dom: DOM, flags: u32 }, { type: i32, params: typedParams(64) }),
  DOMAIN_ABORT_JOB: proc(164, { dom: DOM }, {}),
  DOMAIN_ABORT_JOB_FLAGS: proc(442, { dom: DOM, flags: u32 }, {}),
  DOMAIN_MIGRATE_PERFORM3_PARAMS: proc(
    305,
    { dom: DOM, dconnuri: maybe(str), params: typedParams(64), cookie_in: opaque(4_194_304), flags: u32 },
    { cookie_out: opaque(4_194_304) },
  ), // peer-to-peer: one call to the source, dconnuri set
  DOMAIN_MIGRATE_PERFORM3: proc(
    216,
    {
      dom: DOM,
      xmlin: maybe(str),
      cookie_in: opaque(4_194_304),
      dconnuri: maybe(str),
      uri: maybe(str),
      flags: u64,
      dname: maybe(str),
      resource: u64,
    },
    { cookie_out: opaque(4_194_304) },
  ), // peer-to-peer when feature 13 is absent
  DOMAIN_MIGRATE_BEGIN3_PARAMS: proc(
    302,
    { dom: DOM, params: typedParams(64), flags: u32 },
    { cookie_out: opaque(4_194_304), xml: str },
  ),
  DOMAIN_MIGRATE_PREPARE3_PARAMS: proc(
    303,
    { params: typedParams(64), cookie_in: opaque(4_194_304), flags: u32 },
    { cookie_out: opaque(4_194_304), uri_out: maybe(str) },
  ),
  DOMAIN_MIGRATE_FINISH3_PARAMS: proc(
    306,
    { params: typedParams(64), cookie_in: opaque(4_194_304), flags: u32, cancelled: i32 },
    { dom: DOM, cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_CONFIRM3_PARAMS: proc(
    307,
    { dom: DOM, params: typedParams(64), cookie_in: opaque(4_194_304), flags: u32, cancelled: i32 },
    {},
  ),
  DOMAIN_MIGRATE_SET_MAX_DOWNTIME: proc(166, { dom: DOM, downtime: u64, flags: u32 }, {}),
  DOMAIN_MIGRATE_SET_MAX_SPEED: proc(207, { dom: DOM, bandwidth: u64, flags: u32 }, {}),
  DOMAIN_MIGRATE_GET_MAX_SPEED: proc(242, { dom: DOM, flags: u32 }, { bandwidth: u64 }),
  DOMAIN_MIGRATE_START_POST_COPY: proc(364, { dom: DOM, flags: u32 }, {}),
};
