import { proc } from '../procedure.js';
import { NodeGetCpuStats, NodeGetMemoryStats } from '../structs.js';
import { charArray, fixedText, i32, list, maybe, opaque, str, u32, u64 } from '../xdr.js';

/** The connection and its host. */
export const connection = {
  CONNECT_OPEN: proc(1, { name: maybe(str), flags: u32 }, {}),
  CONNECT_CLOSE: proc(2, {}, {}),
  CONNECT_SUPPORTS_FEATURE: proc(60, { feature: i32 }, { supported: i32 }),
  CONNECT_GET_TYPE: proc(3, {}, { type: str }),
  CONNECT_GET_VERSION: proc(4, {}, { hv_ver: u64 }),
  CONNECT_GET_LIB_VERSION: proc(157, {}, { lib_ver: u64 }),
  CONNECT_GET_HOSTNAME: proc(59, {}, { hostname: str }),
  CONNECT_GET_URI: proc(110, {}, { uri: str }),
  CONNECT_GET_CAPABILITIES: proc(7, {}, { capabilities: str }),
  CONNECT_GET_SYSINFO: proc(203, { flags: u32 }, { sysinfo: str }),
  CONNECT_GET_MAX_VCPUS: proc(5, { type: maybe(str) }, { max_vcpus: i32 }),
  CONNECT_IS_SECURE: proc(149, {}, { secure: i32 }),
  CONNECT_REGISTER_CLOSE_CALLBACK: proc(360, {}, {}),
  CONNECT_UNREGISTER_CLOSE_CALLBACK: proc(361, {}, {}),
  NODE_GET_INFO: proc(
    6,
    {},
    {
      model: fixedText(32),
      memory: u64,
      cpus: i32,
      mhz: i32,
      nodes: i32,
      sockets: i32,
      cores: i32,
      threads: i32,
    },
  ),
  NODE_GET_CPU_STATS: proc(
    227,
    { cpuNum: i32, nparams: i32, flags: u32 },
    { params: list(NodeGetCpuStats, 16), nparams: i32 },
  ),
  NODE_GET_MEMORY_STATS: proc(
    228,
    { nparams: i32, cellNum: i32, flags: u32 },
    { params: list(NodeGetMemoryStats, 16), nparams: i32 },
  ),
  NODE_GET_FREE_MEMORY: proc(102, {}, { freeMem: u64 }),
  NODE_GET_CELLS_FREE_MEMORY: proc(101, { startCell: i32, maxcells: i32 }, { cells: list(u64, 1024) }),
  NODE_GET_CPU_MAP: proc(
    293,
    { need_map: i32, need_online: i32, flags: u32 },
    { cpumap: opaque(2048), online: u32, ret: i32 },
  ),
  NODE_GET_SECURITY_MODEL: proc(122, {}, { model: charArray(257), doi: charArray(257) }),
  CONNECT_GET_DOMAIN_CAPABILITIES: proc(
    342,
    { emulatorbin: maybe(str), arch: maybe(str), machine: maybe(str), virttype: maybe(str), flags: u32 },
    { capabilities: str },
  ),
};
