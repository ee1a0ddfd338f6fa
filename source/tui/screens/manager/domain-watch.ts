import type { Domain } from '../../../inventory/types.js';
import type { TuiInventory } from '../../services/inventory-port.js';
import { type RowKey, rowKey } from './list-state.js';

/** Rows that are scrolled past sooner than this cost the host no call. */
const restFor = 300;

/**
 * Watches the domains whose details are on the screen, and lets go of those that have left it. Details cost
 * calls for each domain, so nothing is asked until the list has come to rest.
 */
export class DomainWatch {
  readonly #inventory: TuiInventory;
  readonly #watching = new Map<RowKey, () => void>();
  #wanted: ReadonlyMap<RowKey, Domain> = new Map();
  #timer: NodeJS.Timeout | undefined;

  constructor(inventory: TuiInventory) {
    this.#inventory = inventory;
  }

  /** Says which domains are on the screen now; called at every draw. */
  want(domains: readonly Domain[]): void {
    const wanted = new Map(
      domains.map((domain) => [rowKey(domain.connectionId, domain.uuid), domain] as const),
    );
    if (sameKeys(wanted, this.#wanted)) return;
    this.#wanted = wanted;
    clearTimeout(this.#timer);
    this.#timer = sameKeys(wanted, this.#watching) ? undefined : setTimeout(() => this.#settle(), restFor);
  }

  /** Watches nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = new Map();
    this.#settle();
  }

  #settle(): void {
    // Begun before others end: what stays of interest is not asked for twice.
    for (const [key, { connectionId, uuid }] of this.#wanted) {
      if (!this.#watching.has(key)) this.#watching.set(key, this.#inventory.watchDomain(connectionId, uuid));
    }
    for (const [key, stop] of this.#watching) {
      if (this.#wanted.has(key)) continue;
      this.#watching.delete(key);
      stop();
    }
  }
}

function sameKeys(a: ReadonlyMap<RowKey, unknown>, b: ReadonlyMap<RowKey, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
