import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { VcpuInfo } from '../structs.js';
import { charArray, i32, list, maybe, opaque, str, u32, u64 } from '../xdr.js';

/** Domains: resources and devices. */
export const domainDevices = {
  DOMAIN_SET_VCPUS_FLAGS: proc(199, { dom: DOM, nvcpus: u32, flags: u32 }, {}),
  DOMAIN_GET_VCPUS_FLAGS: proc(200, { dom: DOM, flags: u32 }, { num: i32 }),
  DOMAIN_GET_VCPUS: proc(
    20,
    { dom: DOM, maxinfo: i32, maplen: i32 },
    { info: list(VcpuInfo, 16_384), cpumaps: opaque(8_388_608) },
  ),
  DOMAIN_SET_MEMORY_FLAGS: proc(204, { dom: DOM, memory: u64, flags: u32 }, {}),
  DOMAIN_SET_MEMORY_STATS_PERIOD: proc(308, { dom: DOM, period: i32, flags: u32 }, {}),
  DOMAIN_GET_MAX_MEMORY: proc(17, { dom: DOM }, { memory: u64 }),
  DOMAIN_UPDATE_DEVICE_FLAGS: proc(174, { dom: DOM, xml: str, flags: u32 }, {}),
  DOMAIN_GET_METADATA: proc(265, { dom: DOM, type: i32, uri: maybe(str), flags: u32 }, { metadata: str }),
  DOMAIN_SET_METADATA: proc(
    264,
    { dom: DOM, type: i32, metadata: maybe(str), key: maybe(str), uri: maybe(str), flags: u32 },
    {},
  ),
  DOMAIN_GET_SECURITY_LABEL: proc(121, { dom: DOM }, { label: charArray(4097), enforcing: i32 }),
};
