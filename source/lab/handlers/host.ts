import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import { vcpuSeconds, vcpuTime } from '../world/counters.js';

const allCpus = -1;

interface NodeStat {
  readonly field: string;
  readonly value: number;
}

/** The host's hardware and counters. */
export const host: HandlerTable = {
  NODE_GET_INFO(_, { world: { host } }) {
    const { cpuModel, memory, mhz, sockets, cores, threads } = host;
    return {
      model: cpuModel,
      memory,
      cpus: sockets * cores * threads,
      mhz,
      nodes: 1,
      sockets,
      cores,
      threads,
    };
  },
  NODE_GET_CPU_STATS({ cpuNum, nparams }, { world }) {
    const { cpus } = world.hostLoad;
    if (cpuNum < allCpus || cpuNum >= cpus) {
      throw refuse.invalidArg(`Invalid cpuNum in virHostCPUGetStatsLinux`);
    }
    const times = world.hostLoad.cpuTimes(world.now());
    const share = (value: number) => (cpuNum === allCpus ? value : Math.floor(value / cpus));
    return counted(nparams, [
      { field: 'kernel', value: share(times.kernel) },
      { field: 'user', value: share(times.user) },
      { field: 'idle', value: share(times.idle) },
      { field: 'iowait', value: share(times.iowait) },
    ]);
  },
  NODE_GET_MEMORY_STATS({ nparams }, { world }) {
    const { total, free, buffers, cached } = world.hostLoad.memory(world.now());
    return counted(nparams, [
      { field: 'total', value: total },
      { field: 'free', value: free },
      { field: 'buffers', value: buffers },
      { field: 'cached', value: cached },
    ]);
  },
  NODE_GET_FREE_MEMORY: (_, { world }) => ({ freeMem: world.hostLoad.memory(world.now()).free * 1024 }),
  NODE_GET_CELLS_FREE_MEMORY: (_, { world }) => ({ cells: [world.hostLoad.memory(world.now()).free * 1024] }),
  NODE_GET_CPU_MAP(_, { world }) {
    const { cpus } = world.hostLoad;
    const cpumap = Buffer.alloc(Math.ceil(cpus / 8));
    for (let cpu = 0; cpu < cpus; cpu += 1) cpumap[cpu >> 3] = (cpumap[cpu >> 3] ?? 0) | (1 << (cpu & 7));
    return { cpumap, online: cpus, ret: cpus };
  },
  NODE_GET_SECURITY_MODEL: () => ({ model: Buffer.from('apparmor\0'), doi: Buffer.from('0\0') }),
  DOMAIN_GET_VCPUS({ dom, maxinfo, maplen }, { world }) {
    const domain = world.domain(dom);
    if (!domain.active) {
      throw refuse.invalid('cannot retrieve vcpu information for inactive domain');
    }
    const seconds = domain.guestSeconds(world.now());
    const count = Math.min(maxinfo, domain.definition.vcpus);
    const used = vcpuSeconds(domain, seconds);
    const info = Array.from({ length: count }, (_, number) => ({
      number,
      state: 1,
      cpu_time: vcpuTime(used, number),
      cpu: (domain.ordinal + number) % world.hostLoad.cpus,
    }));
    return { info, cpumaps: Buffer.alloc(count * maplen, 0xff) };
  },
};

/** Asked with 0, these calls tell how many values they have. */
function counted(nparams: number, params: readonly NodeStat[]) {
  return nparams === 0 ? { params: [], nparams: params.length } : { params, nparams: 0 };
}
