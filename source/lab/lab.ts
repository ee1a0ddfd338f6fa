import type { Duplex } from 'node:stream';
import { handlerTables } from './handlers/all.js';
import { pipe } from './pipe.js';
import { LabClient, type ServerSide } from './server/client.js';
import { dispatchTable } from './server/dispatch-table.js';
import { type Fault, Faults, type Link } from './server/faults.js';
import { StatsReplies } from './stats/stats-replies.js';
import { changeSomething, startChurn } from './world/churn.js';
import { type Clock, fasterClock, systemClock } from './world/clock.js';
import { Random, seedFor } from './world/random.js';
import { World } from './world/world.js';

export interface LabOptions {
  /** The same seed and clock make the same world. */
  readonly seed?: number | undefined;
  readonly domains?: number | undefined;
  /** Names of the first domains, where special ones are wanted. */
  readonly names?: readonly string[] | undefined;
  /** Volumes of a pool of many, beside the others; none unless told. */
  readonly volumes?: number | undefined;
  readonly hostname?: string | undefined;
  /** Boots, shutdowns and loads go this many times as fast; latencies and slow calls do not. */
  readonly speed?: number | undefined;
  /** Changes per minute that happen by themselves: reboots, shutdowns, starts. None unless told. */
  readonly churn?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly link?: Partial<Link> | undefined;
  readonly faults?: readonly Fault[] | undefined;
}

export interface RestartOptions {
  /** Seconds for which nobody can connect. */
  readonly down?: number;
  /** How many domains are changed by others meanwhile. */
  readonly changes?: number;
}

/** A simulated host. */
export interface Lab {
  readonly world: World;
  readonly faults: Faults;
  /** The client's end of a new connection in this process. */
  connect(): Duplex;
  /** Serves a connection that came from somewhere else; false when connections are refused. */
  accept(duplex: Duplex): boolean;
  /** Clients that are connected. */
  readonly clients: number;
  /** True while new connections are refused. */
  readonly refusing: boolean;
  /** Calls `listener` when connections begin or cease to be refused; the returned function ends that. */
  onRefusing(listener: (refusing: boolean) => void): () => void;
  /** Refuses new connections for so many seconds; those that exist stay. */
  refuse(seconds: number): void;
  /** What a daemon's restart is to its clients: all are dropped, the domains live on. */
  restart(options?: RestartOptions): void;
  /** Drops every client and stops the world. */
  close(): void;
}

const defaults = { seed: 1, domains: 24, hostname: 'lab' };

/** A new simulated host; see LabOptions. Nothing is served before connect() or serveLab(). */
export function createLab(options: LabOptions = {}): Lab {
  const { seed = defaults.seed, domains = defaults.domains, hostname = defaults.hostname } = options;
  const clock = options.clock ?? systemClock;
  const world = new World({
    seed,
    domains,
    hostname,
    names: options.names ?? [],
    volumes: options.volumes ?? 0,
    clock: fasterClock(clock, options.speed ?? 1),
  });
  const faults = new Faults(clock);
  faults.link = { latency: 0, jitter: 0, ...options.link };
  faults.set(options.faults ?? []);
  const random = new Random(seedFor(seed, -2));
  const table = dispatchTable(handlerTables);
  const side: ServerSide = { world, table, stats: new StatsReplies(), faults, clock, random };
  const clients = new Set<LabClient>();
  const listeners = new Set<(refusing: boolean) => void>();
  const stopChurn = startChurn(world, options.churn ?? 0);
  let refusing = false;
  let endRefusal = () => {};

  const setRefusing = (value: boolean) => {
    if (refusing === value) return;
    refusing = value;
    for (const listener of listeners) listener(value);
  };
  const dropAll = () => {
    for (const client of [...clients]) client.drop();
  };

  const lab: Lab = {
    world,
    faults,
    connect() {
      const [near, far] = pipe();
      if (!lab.accept(far)) far.destroy();
      return near;
    },
    accept(duplex) {
      if (refusing) return false;
      const client = new LabClient(duplex, side, () => clients.delete(client));
      clients.add(client);
      return true;
    },
    get clients() {
      return clients.size;
    },
    get refusing() {
      return refusing;
    },
    onRefusing(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    refuse(seconds) {
      endRefusal();
      setRefusing(true);
      endRefusal = clock.after(seconds * 1000, () => setRefusing(false));
    },
    restart({ down = 0, changes = 0 } = {}) {
      if (down > 0) lab.refuse(down);
      dropAll();
      for (let change = 0; change < changes; change += 1) changeSomething(world, random);
    },
    close() {
      stopChurn();
      endRefusal();
      dropAll();
      for (const domain of world.domains.values()) domain.cancelPlans();
    },
  };
  return lab;
}
