import type { DomainState } from '../libvirt/domain-state.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { ConnectionMetrics, HostInfo, StatsGroup } from '../libvirt/hypervisor.js';
import type { PortForward } from '../libvirt/xml/port-forwards-xml.js';
import type { Address } from './domain-addresses.js';
import type { Listing, Network, Pool } from './object-types.js';
import type { Ring } from './ring.js';

/** Where a connection stands. Times are the inventory clock's milliseconds. */
export type ConnectionStatus =
  | { readonly state: 'disconnected' }
  | {
      readonly state: 'connecting';
      readonly since: number;
      readonly step?: string;
      /** A person is being asked for something. */
      readonly asking?: boolean;
    }
  | { readonly state: 'connected'; readonly since: number }
  | {
      readonly state: 'reconnecting';
      readonly attempt: number;
      /** When the next attempt starts; in the past while one is under way. */
      readonly retryAt: number;
      readonly asking?: boolean;
      readonly error: LibvirtError;
    }
  | { readonly state: 'failed'; readonly error: LibvirtError };

/** The histories of one domain or host, one value a tick, oldest dropped. NaN marks a missed tick. */
export interface DomainHistory {
  /** Percent of the domain's own vCPUs, 0 to 100, as virt-manager's "Guest CPU". */
  readonly cpuGuest: Ring;
  /** Percent of the whole host's CPUs, as virt-manager's "Host CPU". */
  readonly cpuHost: Ring;
  /** KiB in use as the guest sees it where the balloon tells, else the balloon size. */
  readonly memory: Ring;
  /** Bytes per second. */
  readonly diskRead: Ring;
  readonly diskWrite: Ring;
  readonly netReceive: Ring;
  readonly netSend: Ring;
}

/** What is known of a domain only once somebody looks at it (calls of its own, cached until an event). */
export interface DomainDetails {
  readonly title: string | undefined;
  readonly description: string | undefined;
  /** libosinfo short name of the metadata's OS id, e.g. "debian12". */
  readonly os: string | undefined;
  readonly interfaces: readonly {
    readonly mac: string | undefined;
    /** libvirt's: "network", "bridge", "user", … */
    readonly type?: string;
    readonly source: string;
    readonly model: string | undefined;
  }[];
  readonly disks: readonly {
    readonly target: string;
    readonly source: string | undefined;
    readonly device: string;
  }[];
  /** The whole XML, as libvirt writes it. */
  readonly xml: string;
  /** Ports of the host that lead to it. */
  readonly forwards?: readonly PortForward[];
  /** Those that lead to it first (`reachOf`), what is only seen within it last. */
  readonly addresses: readonly Address[];
}

/**
 * The live record of one domain. Mutable for speed (10,000 of them change at every tick): a reader that
 * keeps a picture compares `revision`, which grows with each visible change.
 */
export interface Domain {
  readonly uuid: string;
  readonly connectionId: string;
  readonly name: string;
  /** -1 while inactive. */
  readonly id: number;
  readonly state: DomainState;
  /** Its meaning depends on the state: see `reasonName`. 0 while unknown. */
  readonly reason: number;
  readonly autostart: boolean;
  readonly persistent: boolean;
  readonly managedSave: boolean;
  readonly vcpus: number | undefined;
  /** KiB given to the guest now (balloon), and at most. */
  readonly memoryCurrent: number | undefined;
  readonly memoryMaximum: number | undefined;
  /** Newest values of the history, undefined where not known. */
  readonly cpuGuest: number | undefined;
  readonly cpuHost: number | undefined;
  readonly memoryUsed: number | undefined;
  readonly history: DomainHistory;
  /** What was asked for in this run more than once, and never told: its charts would stay empty. */
  readonly untold: readonly StatsGroup[];
  /** Percent of each vCPU, by number; empty until `Inventory.lookClosely`. */
  readonly vcpuHistory: readonly Ring[];
  /** Clock time when the newest values arrived; 0 = never. A value older than two intervals is stale. */
  readonly updatedAt: number;
  /** Clock time of the start that this program saw, if any. */
  readonly startedAt: number | undefined;
  /** The action under way on it, e.g. "shutting down". */
  readonly pending: string | undefined;
  /** Filled by `Inventory.look`. */
  readonly details: DomainDetails | undefined;
  /** Why they could not be read at the last look. */
  readonly detailsError?: string | undefined;
  readonly revision: number;
}

export interface HostLoad {
  /** Percent of all CPUs of the host, 0 to 100. */
  readonly cpu: Ring;
  /** KiB */
  readonly memoryUsed: Ring;
  /** KiB */
  readonly memoryTotal: number | undefined;
  readonly updatedAt: number;
}

/** One connection as screens see it. */
export interface Connection {
  /** Stable for the life of the inventory. */
  readonly id: string;
  readonly name: string;
  readonly uri: string;
  readonly status: ConnectionStatus;
  readonly info: HostInfo | undefined;
  readonly load: HostLoad;
  /** By UUID. Kept while disconnected or reconnecting (then `stale` is true). */
  readonly domains: ReadonlyMap<string, Domain>;
  /** Read while somebody looks: `Inventory.watchNetworks`, `watchPools`. */
  readonly networks: Listing<Network>;
  readonly pools: Listing<Pool>;
  /** The values shown are the last known ones, not live. */
  readonly stale: boolean;
  readonly metrics: ConnectionMetrics | undefined;
  /** Grows whenever the set, names or states of domains change. */
  readonly listRevision: number;
  /** Grows at every change of anything. */
  readonly revision: number;
}

/** Something to tell the person, once. Newest last. */
export interface Notice {
  readonly id: number;
  readonly at: number;
  readonly level: 'info' | 'success' | 'warning' | 'error';
  /** "web-1: shut off (shutdown)" */
  readonly text: string;
  readonly hint?: string | undefined;
}

/** The inventory's store: what subscribers get. Replaced (not mutated) at every change. */
export interface InventoryState {
  readonly connections: readonly Connection[];
  /** The newest 200. */
  readonly notices: readonly Notice[];
  /** Milliseconds between stats calls. */
  readonly interval: number;
  readonly revision: number;
}
