import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { Clock } from './clock.js';
import type { DomainActionId } from './domain-actions.js';
import type { Connection, Domain, InventoryState } from './types.js';

export interface OpenHooks {
  readonly signal: AbortSignal;
  onStep?(step: string): void;
}

export interface InventoryOptions {
  /** Opens a connection, registered for events. */
  open(uri: string, hooks: OpenHooks): Promise<Hypervisor>;
  /** Milliseconds between stats calls, 2000 by default. */
  readonly interval?: number;
  readonly clock?: Clock;
  /** Samples kept of each value. */
  readonly historyLength?: number;
}

/** What became of an action; `text` is ready to show, as in the notices. */
export type ActionOutcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly hint?: string; readonly error?: LibvirtError };

/** The live state of all connections. (Skeleton: the types are final, the works follow.) */
export class Inventory {
  readonly store: StoreApi<InventoryState>;

  constructor(options: InventoryOptions) {
    const interval = options.interval ?? 2000;
    this.store = createStore<InventoryState>(() => ({ connections: [], notices: [], interval, revision: 0 }));
  }

  add(_connection: { readonly uri: string; readonly name?: string }): string {
    return '';
  }
  remove(_id: string): void {}
  connect(_id: string): void {}
  disconnect(_id: string): void {}
  setInterval(_milliseconds: number): void {}
  async refresh(_id?: string): Promise<void> {}
  connection(_id: string): Connection | undefined {
    return undefined;
  }
  domain(_connectionId: string, _uuid: string): Domain | undefined {
    return undefined;
  }
  look(_connectionId: string, _uuid: string): () => void {
    return () => {};
  }
  async act(_connectionId: string, _uuid: string, _action: DomainActionId): Promise<ActionOutcome> {
    return { ok: false, text: '' };
  }
  async dispose(): Promise<void> {}
}
