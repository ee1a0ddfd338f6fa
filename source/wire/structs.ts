import { DOM } from './objects.js';
import { typedParams } from './typed-params.js';
import { i32, i64, list, maybe, str, struct, u32, u64 } from './xdr.js';

/** Structs inside the arguments and answers of procedures, under libvirt's names. */

export const DomainIpAddr = struct({ type: i32, addr: str, prefix: u32 });
export const DomainDiskError = struct({ disk: str, error: i32 });
export const DomainEventGraphicsAddress = struct({ family: i32, node: str, service: str });
export const DomainEventGraphicsIdentity = struct({ type: str, name: str });
export const DomainInterface = struct({ name: str, hwaddr: maybe(str), addrs: list(DomainIpAddr, 2048) });
export const DomainMemoryStat = struct({ tag: i32, val: u64 });
export const DomainStatsRecord = struct({ dom: DOM, params: typedParams(262_144) });
export const NetworkDhcpLease = struct({
  iface: str,
  expirytime: i64,
  type: i32,
  mac: maybe(str),
  iaid: maybe(str),
  ipaddr: str,
  prefix: u32,
  hostname: maybe(str),
  clientid: maybe(str),
});
export const NodeGetCpuStats = struct({ field: str, value: u64 });
export const NodeGetMemoryStats = struct({ field: str, value: u64 });
export const VcpuInfo = struct({ number: u32, state: i32, cpu_time: u64, cpu: i32 });
