import type { DomainRef } from './hypervisor.js';
import type { NetworkRef } from './networks.js';
import type { PoolRef } from './storage.js';

/** virDomainEventType, by number. */
export const lifecycleEvents = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pmsuspended',
  'crashed',
] as const;

export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** Why it happened, in virsh's words (`virsh event --all`), by event and detail number. */
const details: Readonly<Record<LifecycleEvent, readonly string[]>> = {
  defined: ['added', 'updated', 'renamed', 'from snapshot'],
  undefined: ['removed', 'renamed'],
  started: ['booted', 'migrated', 'restored', 'from snapshot', 'wakeup'],
  suspended: [
    'paused',
    'migrated',
    'i/o error',
    'watchdog',
    'restored',
    'from snapshot',
    'api error',
    'post-copy',
    'post-copy error',
  ],
  resumed: ['unpaused', 'migrated', 'from snapshot', 'post-copy', 'post-copy failed'],
  stopped: ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'from snapshot'],
  shutdown: ['finished', 'by guest', 'by host'],
  pmsuspended: ['memory', 'disk'],
  crashed: ['panicked', 'crashloaded'],
};

/** virNetworkEventLifecycleType, by number. */
export const networkEvents = ['defined', 'undefined', 'started', 'stopped'] as const;

/** virStoragePoolEventLifecycleType, by number. */
export const poolEvents = ['defined', 'undefined', 'started', 'stopped', 'created', 'deleted'] as const;

/** What the daemon reports without being asked. Events it does not know never leave the implementation. */
export type HypervisorEvent = DomainEvent | NetworkEvent | PoolEvent;

export interface NetworkEvent {
  readonly type: 'network';
  readonly network: NetworkRef;
  readonly event: (typeof networkEvents)[number];
}

export interface PoolEvent {
  readonly type: 'pool';
  readonly pool: PoolRef;
  /** `refreshed`: its volumes were looked for anew. */
  readonly event: (typeof poolEvents)[number] | 'refreshed';
}

/** What happens to a domain. */
export type DomainEvent =
  | {
      readonly type: 'lifecycle';
      readonly domain: DomainRef;
      readonly event: LifecycleEvent;
      readonly detail: string;
    }
  | { readonly type: 'reboot'; readonly domain: DomainRef }
  | { readonly type: 'agent'; readonly domain: DomainRef; readonly connected: boolean }
  | { readonly type: 'balloon'; readonly domain: DomainRef /** KiB */; readonly actual: number }
  | { readonly type: 'metadata'; readonly domain: DomainRef }
  | {
      readonly type: 'io-error';
      readonly domain: DomainRef;
      readonly path: string;
      readonly reason: string;
    };

export function isDomainEvent(event: HypervisorEvent): event is DomainEvent {
  return 'domain' in event;
}

/** virsh's word for a lifecycle detail number; an unknown one is "unknown". */
export function lifecycleDetail(event: LifecycleEvent, detail: number): string {
  return details[event][detail] ?? 'unknown';
}
