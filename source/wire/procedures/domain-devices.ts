import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { VcpuInfo } from '../structs.js';
import { typedParams } from '../typed-params.js';
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
  DOMAIN_PIN_VCPU_FLAGS: proc(225, { dom: DOM, vcpu: u32, cpumap: opaque(2048), flags: u32 }, {}),
  DOMAIN_SET_MEMORY_FLAGS: proc(204, { dom: DOM, memory: u64, flags: u32 }, {}),
  DOMAIN_SET_MEMORY_STATS_PERIOD: proc(308, { dom: DOM, period: i32, flags: u32 }, {}),
  DOMAIN_GET_MAX_MEMORY: proc(17, { dom: DOM }, { memory: u64 }),
  DOMAIN_ATTACH_DEVICE_FLAGS: proc(160, { dom: DOM, xml: str, flags: u32 }, {}),
  DOMAIN_DETACH_DEVICE_FLAGS: proc(161, { dom: DOM, xml: str, flags: u32 }, {}),
  DOMAIN_DETACH_DEVICE_ALIAS: proc(392, { dom: DOM, alias: str, flags: u32 }, {}),
  DOMAIN_UPDATE_DEVICE_FLAGS: proc(174, { dom: DOM, xml: str, flags: u32 }, {}),
  DOMAIN_GET_METADATA: proc(265, { dom: DOM, type: i32, uri: maybe(str), flags: u32 }, { metadata: str }),
  DOMAIN_SET_METADATA: proc(
    264,
    { dom: DOM, type: i32, metadata: maybe(str), key: maybe(str), uri: maybe(str), flags: u32 },
    {},
  ),
  DOMAIN_BLOCK_RESIZE: proc(251, { dom: DOM, disk: str, size: u64, flags: u32 }, {}),
  DOMAIN_SET_INTERFACE_PARAMETERS: proc(
    256,
    { dom: DOM, device: str, params: typedParams(16), flags: u32 },
    {},
  ),
  DOMAIN_GET_INTERFACE_PARAMETERS: proc(
    257,
    { dom: DOM, device: str, nparams: i32, flags: u32 },
    { params: typedParams(16), nparams: i32 },
  ),
  DOMAIN_GET_SECURITY_LABEL: proc(121, { dom: DOM }, { label: charArray(4097), enforcing: i32 }),
};
