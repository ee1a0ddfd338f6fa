import type { Endpoint } from '../transport/endpoint.js';
import type { ByteStream } from './byte-stream.js';
import type { DomainState } from './domain-state.js';
import type { Unsupported } from './errors.js';
import type { HypervisorEvent } from './events.js';
import type { Networks } from './networks.js';
import type { StoragePools, StorageVolumes } from './storage.js';

/** libvirt's handle of a domain. The daemon looks domains up by UUID; `id` is -1 while inactive. */
export interface DomainRef {
  readonly name: string;
  /** Lower-case, with dashes. */
  readonly uuid: string;
  readonly id: number;
}

/** What one list answer says of a domain, without any call of the domain's own. */
export interface DomainListing extends DomainRef {
  readonly autostart: boolean;
  readonly persistent: boolean;
  readonly managedSave: boolean;
}

/**
 * One domain's record of the bulk statistics call. A field is undefined where the driver does not tell it.
 * Counters are cumulative since the domain started; sizes are libvirt's units, named at each field.
 */
export interface DomainStats {
  readonly uuid: string;
  readonly name: string;
  readonly id: number;
  readonly state: DomainState;
  /** Reason number; its meaning depends on the state (virDomainRunningReason and so on). */
  readonly reason: number;
  /** Nanoseconds of host CPU used by the domain. */
  readonly cpuTime: number | undefined;
  readonly vcpuCurrent: number | undefined;
  readonly vcpuMaximum: number | undefined;
  /** Nanoseconds of each vCPU, by number; a hole is an offline vCPU. */
  readonly vcpuTimes: readonly number[] | undefined;
  /** KiB. */
  readonly balloonCurrent: number | undefined;
  /** KiB. */
  readonly balloonMaximum: number | undefined;
  /** KiB that the guest could use without swapping (needs a balloon driver that reports it). */
  readonly balloonUsable: number | undefined;
  /** KiB that the guest sees at all. */
  readonly balloonAvailable: number | undefined;
  /** KiB left unused by the guest. */
  readonly balloonUnused: number | undefined;
  /** KiB of host memory held by the QEMU process. */
  readonly balloonRss: number | undefined;
  /** Bytes over all disks. */
  readonly blockRead: number | undefined;
  readonly blockWritten: number | undefined;
  /** Bytes over all interfaces, from the guest's view. */
  readonly netReceived: number | undefined;
  readonly netSent: number | undefined;
}

export type StatsGroup = 'state' | 'cpu' | 'balloon' | 'vcpu' | 'interface' | 'block';

/** What does not change while a connection is open. */
export interface HostInfo {
  readonly hostname: string;
  /** Canonical URI as the daemon says it (virConnectGetURI). */
  readonly uri: string;
  /** Hypervisor type, e.g. "QEMU". */
  readonly type: string;
  /** "9.0.0" */
  readonly libvirtVersion: string;
  readonly hypervisorVersion: string | Unsupported;
  readonly cpuModel: string;
  readonly cpus: number;
  readonly mhz: number;
  readonly numaNodes: number;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  /** KiB */
  readonly memory: number;
}

/** Host counters of one moment. CPU in nanoseconds since boot, all CPUs added; memory in KiB. */
export interface HostStats {
  readonly cpu: { readonly busy: number; readonly total: number } | Unsupported;
  readonly memory: { readonly total: number; readonly free: number } | Unsupported;
}

export type AddressSource = 'lease' | 'agent' | 'arp';

export interface InterfaceAddress {
  readonly interface: string;
  readonly mac: string | undefined;
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
}

/** How a call is treated: interactive calls overtake background ones in the queue. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; each implementation has a default. */
  readonly timeout?: number | undefined;
  readonly priority?: 'interactive' | 'background' | undefined;
}

export interface StatsOptions extends CallOptions {
  /** UUIDs of the domains that may be asked one by one. */
  readonly closely?: ReadonlySet<string> | undefined;
}

/** What an emulator is asked about; what is left out, libvirt chooses. */
export interface DomainCapabilitiesQuery {
  readonly emulator?: string;
  readonly arch?: string;
  readonly machine?: string;
  readonly virtType?: string;
}

export interface ConsoleOptions extends CallOptions {
  /** Alias of a console, serial or parallel device; the first console unless told. */
  readonly device?: string;
  /** Takes it from whoever has it. */
  readonly force?: boolean;
  /** Only where the daemon can make sure that nobody else has it. */
  readonly safe?: boolean;
}

/** Counts and times of an open connection's own traffic. */
export interface ConnectionMetrics {
  readonly calls: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** Milliseconds of the newest calls, oldest first, at most 120. */
  readonly latencies: readonly number[];
}

/**
 * An open connection to one hypervisor: the one seam between libvirt and the rest of the program.
 * Every method rejects with a LibvirtError and nothing else; a getter whose driver cannot answer resolves
 * to (or carries) an `Unsupported`.
 */
export interface Hypervisor {
  /** Its URI, taken apart, an alias or default resolved; undefined where only a stream to it is known. */
  readonly endpoint?: Endpoint | undefined;

  hostInfo(options?: CallOptions): Promise<HostInfo>;
  hostStats(options?: CallOptions): Promise<HostStats>;

  /** Every domain, active or not, in one round trip. */
  listDomains(options?: CallOptions): Promise<DomainListing[]>;
  /**
   * Statistics of every domain by one call that never waits for a busy domain. What a driver leaves out of it (libvirt's
   * test driver, lxc) is asked of each domain by a call of its own, as virsh dominfo does: of `closely` only;
   * unless told, of all where they are 100 at most.
   */
  domainStats(groups: readonly StatsGroup[], options?: StatsOptions): Promise<DomainStats[]>;
  /** The state of one domain and the number of its reason (see `reasonName`). */
  domainState(
    domain: DomainRef,
    options?: CallOptions,
  ): Promise<{ readonly state: DomainState; readonly reason: number }>;
  lookupDomain(name: string, options?: CallOptions): Promise<DomainRef>;
  domainXml(domain: DomainRef, options?: CallOptions & { readonly inactive?: boolean }): Promise<string>;
  interfaceAddresses(
    domain: DomainRef,
    source: AddressSource,
    options?: CallOptions,
  ): Promise<InterfaceAddress[] | Unsupported>;

  start(domain: DomainRef, options?: CallOptions): Promise<void>;
  shutdown(domain: DomainRef, options?: CallOptions): Promise<void>;
  reboot(domain: DomainRef, options?: CallOptions): Promise<void>;
  /** Force off. */
  destroy(domain: DomainRef, options?: CallOptions): Promise<void>;
  suspend(domain: DomainRef, options?: CallOptions): Promise<void>;
  resume(domain: DomainRef, options?: CallOptions): Promise<void>;
  /** Wakes a pmsuspended guest. */
  wakeup(domain: DomainRef, options?: CallOptions): Promise<void>;
  managedSave(domain: DomainRef, options?: CallOptions): Promise<void>;
  setAutostart(domain: DomainRef, on: boolean, options?: CallOptions): Promise<void>;

  /** Makes a persistent, inactive domain, or changes the one of that name and UUID; checked by libvirt's schema. */
  defineDomain(xml: string, options?: CallOptions): Promise<DomainRef>;
  /** Its managed save, the metadata of snapshots and checkpoints go as well, and its NVRAM unless that is kept. */
  undefineDomain(domain: DomainRef, options?: CallOptions & { readonly keepNvram?: boolean }): Promise<void>;
  /**
   * What libvirt keeps of it besides its definitions: the XML of each snapshot, of the state it was saved in, of a
   * backup that runs. Empty where the driver has none.
   */
  keptXmls(
    domain: DomainRef & Partial<Pick<DomainListing, 'managedSave'>>,
    options?: CallOptions,
  ): Promise<readonly string[]>;
  /** `virsh update-device --live`: the device of the running domain that the XML names is as it says from now on. */
  updateDevice(domain: DomainRef, xml: string, options?: CallOptions): Promise<void>;
  /** What the host can run: XML, see `describeCapabilities`. */
  capabilities(options?: CallOptions): Promise<string>;
  /** What an emulator can do: XML, see `describeDomainCapabilities`. */
  domainCapabilities(query: DomainCapabilitiesQuery, options?: CallOptions): Promise<string | Unsupported>;
  /** The serial console, both ways; it belongs on a connection of its own. */
  openConsole(domain: DomainRef, options?: ConsoleOptions): Promise<ByteStream>;

  readonly networks: Networks;
  readonly pools: StoragePools;
  readonly volumes: StorageVolumes;

  /**
   * Calls `listener` for every event until the returned function is called. Events are delivered in the
   * order of the wire, never from inside another call's stack.
   */
  onEvent(listener: (event: HypervisorEvent) => void): () => void;
  /** Resolves once, when the connection is over: with undefined after close(), else with the reason. */
  readonly closed: Promise<Error | undefined>;
  readonly metrics: ConnectionMetrics;
  /** Says goodbye to the daemon and releases the transport. Never rejects. */
  close(): Promise<void>;
}
