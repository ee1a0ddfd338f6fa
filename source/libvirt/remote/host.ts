import type { Channel } from '../../wire/channel.js';
import { RemoteError } from '../../wire/errors.js';
import { procedures } from '../../wire/procedures.js';
import type { Unsupported } from '../errors.js';
import type { CallOptions, HostInfo, HostStats } from '../hypervisor.js';

const allCpus = -1;
const allCells = -1;
/** Both node statistics calls answer with at most 16 values (REMOTE_NODE_CPU_STATS_MAX). */
const statsLimit = 16;

/** What does not change while a connection is open. */
export async function readHostInfo(channel: Channel, options: CallOptions): Promise<HostInfo> {
  const [hostname, uri, type, version, hypervisor, node] = await Promise.all([
    channel.call(procedures.CONNECT_GET_HOSTNAME, {}, options),
    channel.call(procedures.CONNECT_GET_URI, {}, options),
    channel.call(procedures.CONNECT_GET_TYPE, {}, options),
    channel.call(procedures.CONNECT_GET_LIB_VERSION, {}, options),
    orUnsupported(channel.call(procedures.CONNECT_GET_VERSION, {}, options)),
    channel.call(procedures.NODE_GET_INFO, {}, options),
  ]);
  return {
    hostname: hostname.hostname,
    uri: uri.uri,
    type: type.type,
    libvirtVersion: versionText(version.lib_ver),
    hypervisorVersion: 'unsupported' in hypervisor ? hypervisor : versionText(hypervisor.hv_ver),
    cpuModel: node.model,
    cpus: node.cpus,
    mhz: node.mhz,
    numaNodes: node.nodes,
    sockets: node.sockets,
    cores: node.cores,
    threads: node.threads,
    memory: node.memory,
  };
}

/** The host's counters now. */
export async function readHostStats(channel: Channel, options: CallOptions): Promise<HostStats> {
  const [cpu, memory] = await Promise.all([
    orUnsupported(readCpu(channel, options)),
    orUnsupported(readMemory(channel, options)),
  ]);
  return { cpu, memory };
}

async function readCpu(channel: Channel, options: CallOptions): Promise<{ busy: number; total: number }> {
  const ask = (nparams: number) =>
    channel.call(procedures.NODE_GET_CPU_STATS, { cpuNum: allCpus, nparams, flags: 0 }, options);
  const values = await counted(channel, 'cpu', ask);
  const busy = values.get('kernel') ?? 0;
  const work = busy + (values.get('user') ?? 0) + (values.get('intr') ?? 0);
  return { busy: work, total: work + (values.get('idle') ?? 0) + (values.get('iowait') ?? 0) };
}

async function readMemory(channel: Channel, options: CallOptions): Promise<{ total: number; free: number }> {
  const ask = (nparams: number) =>
    channel.call(procedures.NODE_GET_MEMORY_STATS, { nparams, cellNum: allCells, flags: 0 }, options);
  const values = await counted(channel, 'memory', ask);
  // What the kernel would give back at once counts as free, as in virt-manager and free(1).
  const free = (values.get('free') ?? 0) + (values.get('buffers') ?? 0) + (values.get('cached') ?? 0);
  return { total: values.get('total') ?? 0, free };
}

interface CountedAnswer {
  readonly params: readonly { readonly field: string; readonly value: number }[];
  readonly nparams: number;
}

/** How many values each call has, learnt at the first one. */
const counts = new WeakMap<Channel, Map<string, number>>();

/** These calls must be told how many values they have; asked with 0 they tell it. */
async function counted(
  channel: Channel,
  key: string,
  ask: (nparams: number) => Promise<CountedAnswer>,
): Promise<ReadonlyMap<string, number>> {
  const known = counts.get(channel) ?? new Map<string, number>();
  counts.set(channel, known);
  let count = known.get(key);
  if (count === undefined) {
    count = Math.min((await ask(0)).nparams, statsLimit);
    known.set(key, count);
  }
  const { params } = await ask(count);
  return new Map(params.map(({ field, value }) => [field, value]));
}

/** Any "no" of the daemon to a question about the host means that this driver cannot tell. */
async function orUnsupported<T>(answer: Promise<T>): Promise<T | Unsupported> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    return { unsupported: true, reason: error.message };
  }
}

/** libvirt packs versions as major * 1,000,000 + minor * 1,000 + release. */
function versionText(version: number): string {
  return [Math.floor(version / 1_000_000), Math.floor(version / 1000) % 1000, version % 1000].join('.');
}
