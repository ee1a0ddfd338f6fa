import type { DomainRef } from './hypervisor.js';

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

/** What the daemon reports without being asked. `unknown` events never leave the implementation. */
export type HypervisorEvent =
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

/** virsh's word for a lifecycle detail number; an unknown one is "unknown". */
export function lifecycleDetail(event: LifecycleEvent, detail: number): string {
  return details[event][detail] ?? 'unknown';
}
