import type { Random } from './random.js';

/** The machine under the domains. */
export interface HostFacts {
  readonly hostname: string;
  readonly uuid: string;
  readonly cpuModel: string;
  readonly mhz: number;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  /** KiB */
  readonly memory: number;
  /** As libvirt packs versions: major * 1,000,000 + minor * 1,000 + release. */
  readonly libvirtVersion: number;
  readonly hypervisorVersion: number;
}

/** What the domains ask of their host at the moment. */
export interface Demand {
  /** CPUs that are busy on average. */
  cpus: number;
  /** KiB of active domains. */
  memory: number;
}

const gib = 1024 * 1024;
/** Each domain count up to the first number gets this host. One NUMA cell: a common small server. */
const sizes = [
  { domains: 60, sockets: 2, cores: 12, threads: 2, memory: 512 * gib },
  { domains: 500, sockets: 2, cores: 64, threads: 2, memory: 4096 * gib },
  { domains: Number.POSITIVE_INFINITY, sockets: 8, cores: 128, threads: 2, memory: 65_536 * gib },
] as const;

/** A host that the domains fit on. */
export function hostFor(hostname: string, domains: number, random: Random): HostFacts {
  const size = sizes.find((candidate) => domains <= candidate.domains) ?? sizes[0];
  const { sockets, cores, threads, memory } = size;
  return {
    hostname,
    uuid: random.uuid(),
    cpuModel: 'x86_64',
    mhz: 2650,
    sockets,
    cores,
    threads,
    memory: memory - 8 * gib,
    libvirtVersion: 9_000_000,
    hypervisorVersion: 7_002_022,
  };
}

/** CPU time of all CPUs in nanoseconds since the host's boot. */
export interface CpuTimes {
  readonly kernel: number;
  readonly user: number;
  readonly idle: number;
  readonly iowait: number;
}

/**
 * The host's own counters. They follow from what the domains ask of it, summed whenever that changes: nobody
 * has to add up 10,000 domains for one question.
 */
export class HostLoad {
  readonly demand: Demand = { cpus: 0, memory: 0 };
  readonly #facts: HostFacts;
  readonly #booted: number;
  #busy: number;
  #since: number;

  constructor(facts: HostFacts, now: number, uptime: number) {
    this.#facts = facts;
    this.#since = now;
    this.#booted = now - uptime;
    this.#busy = 0.1 * this.cpus * (uptime / 1000);
  }

  get cpus(): number {
    const { sockets, cores, threads } = this.#facts;
    return sockets * cores * threads;
  }

  /** Call before `demand` changes. */
  settle(now: number): void {
    this.#busy = this.#busySeconds(now);
    this.#since = now;
  }

  cpuTimes(now: number): CpuTimes {
    const total = ((now - this.#booted) / 1000) * this.cpus;
    const busy = Math.min(total, this.#busySeconds(now));
    const iowait = 0.01 * busy;
    const [kernel, user] = [0.25 * busy, 0.74 * busy];
    return nanoseconds({ kernel, user, iowait, idle: total - busy });
  }

  /** KiB. */
  memory(now: number): { total: number; free: number; buffers: number; cached: number } {
    const total = this.#facts.memory;
    const used = Math.min(0.97 * total, 0.02 * total + 0.8 * this.demand.memory);
    const rest = total - used;
    const cached = Math.floor(rest * (0.3 + 0.02 * Math.sin(now / 60_000)));
    const buffers = Math.floor(rest * 0.01);
    return { total, free: Math.floor(rest) - cached - buffers, buffers, cached };
  }

  #busySeconds(now: number): number {
    const own = 0.01 * this.cpus;
    const asked = Math.min(0.96 * this.cpus, this.demand.cpus + own);
    const seconds = (now - this.#since) / 1000;
    // A wave of a minute and one of ten, integrated, so that the host's chart is no ruler.
    const wave = (speed: number, phase: number) =>
      (Math.cos(phase) - Math.cos(speed * seconds + phase)) / speed;
    return this.#busy + asked * (seconds + 0.2 * wave(0.1, 1) + 0.15 * wave(0.01, 2));
  }
}

function nanoseconds(seconds: CpuTimes): CpuTimes {
  const whole = (value: number) => Math.floor(value * 1e9);
  return {
    kernel: whole(seconds.kernel),
    user: whole(seconds.user),
    idle: whole(seconds.idle),
    iowait: whole(seconds.iowait),
  };
}
