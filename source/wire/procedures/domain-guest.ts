import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { DomainDiskError, DomainInterface, DomainMemoryStat } from '../structs.js';
import { typedParams } from '../typed-params.js';
import { i32, i64, list, str, u32, u64 } from '../xdr.js';

/** Domains: statistics, and what the guest or its agent says. */
export const domainGuest = {
  DOMAIN_MEMORY_STATS: proc(
    159,
    { dom: DOM, maxStats: u32, flags: u32 },
    { stats: list(DomainMemoryStat, 1024) },
  ),
  DOMAIN_BLOCK_STATS: proc(
    64,
    { dom: DOM, path: str },
    { rd_req: i64, rd_bytes: i64, wr_req: i64, wr_bytes: i64, errs: i64 },
  ),
  DOMAIN_BLOCK_STATS_FLAGS: proc(
    243,
    { dom: DOM, path: str, nparams: i32, flags: u32 },
    { params: typedParams(16), nparams: i32 },
  ),
  DOMAIN_GET_BLOCK_INFO: proc(
    194,
    { dom: DOM, path: str, flags: u32 },
    { allocation: u64, capacity: u64, physical: u64 },
  ),
  DOMAIN_INTERFACE_STATS: proc(
    65,
    { dom: DOM, device: str },
    {
      rx_bytes: i64,
      rx_packets: i64,
      rx_errs: i64,
      rx_drop: i64,
      tx_bytes: i64,
      tx_packets: i64,
      tx_errs: i64,
      tx_drop: i64,
    },
  ),
  DOMAIN_GET_CPU_STATS: proc(
    262,
    { dom: DOM, nparams: u32, start_cpu: i32, ncpus: u32, flags: u32 },
    { params: typedParams(2048), nparams: i32 },
  ),
  DOMAIN_INTERFACE_ADDRESSES: proc(
    353,
    { dom: DOM, source: u32, flags: u32 },
    { ifaces: list(DomainInterface, 2048) },
  ),
  DOMAIN_FSFREEZE: proc(335, { dom: DOM, mountpoints: list(str, 256), flags: u32 }, { filesystems: i32 }),
  DOMAIN_GET_HOSTNAME: proc(277, { dom: DOM, flags: u32 }, { hostname: str }),
  DOMAIN_GET_TIME: proc(337, { dom: DOM, flags: u32 }, { seconds: i64, nseconds: u32 }),
  DOMAIN_GET_DISK_ERRORS: proc(
    263,
    { dom: DOM, maxerrors: u32, flags: u32 },
    { errors: list(DomainDiskError, 256), nerrors: i32 },
  ),
  DOMAIN_GET_MESSAGES: proc(426, { dom: DOM, flags: u32 }, { msgs: list(str, 2048) }),
  DOMAIN_GET_CONTROL_INFO: proc(229, { dom: DOM, flags: u32 }, { state: u32, details: u32, stateTime: u64 }),
};
