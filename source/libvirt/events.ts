import { DomainState } from './domain-state.js';
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

/**
 * The state that each lifecycle event leaves, and the number of its reason by the event's detail where that is told
 * beyond doubt ("paused" may be a dump's); the others say nothing of the state.
 */
const stateAfter: Readonly<
  Partial<Record<LifecycleEvent, readonly [DomainState, Readonly<Record<string, number>>]>>
> = {
  started: [DomainState.running, { booted: 1, migrated: 2, restored: 3, 'from snapshot': 4, wakeup: 8 }],
  suspended: [
    DomainState.paused,
    {
      'i/o error': 5,
      watchdog: 6,
      'from snapshot': 7,
      'post-copy': 12,
      'post-copy error': 13,
      'api error': 14,
    },
  ],
  resumed: [
    DomainState.running,
    { unpaused: 5, migrated: 2, 'from snapshot': 4, 'post-copy': 10, 'post-copy failed': 11 },
  ],
  stopped: [
    DomainState.shutOff,
    { shutdown: 1, destroyed: 2, crashed: 3, migrated: 4, saved: 5, failed: 6, 'from snapshot': 7 },
  ],
  shutdown: [DomainState.shutdown, {}],
  pmsuspended: [DomainState.pmSuspended, {}],
  crashed: [DomainState.crashed, { panicked: 1 }],
};

/** What a lifecycle event says of the domain's state; undefined where it says nothing of it. Reason 0 is "unknown". */
export function stateOfEvent(
  event: LifecycleEvent,
  detail: string,
): { readonly state: DomainState; readonly reason: number } | undefined {
  const after = stateAfter[event];
  if (after === undefined) return undefined;
  const [state, reasons] = after;
  return { state, reason: Object.hasOwn(reasons, detail) ? (reasons[detail] ?? 0) : 0 };
}

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
