import type { Domain } from '../../../inventory/types.js';
import type { TuiInventory } from '../../services/inventory-port.js';
import { type RowKey, rowKey } from './list-state.js';

/** Rows that are scrolled past sooner than this cost the host no call. */
const restFor = 300;

/**
 * Looks at the domains whose details are on the screen, and lets go of those that have left it. Details cost
 * calls for each domain, so nothing is asked until the list has come to rest.
 */
export class Looker {
  readonly #inventory: TuiInventory;
  readonly #looking = new Map<RowKey, () => void>();
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
    this.#timer = sameKeys(wanted, this.#looking) ? undefined : setTimeout(() => this.#settle(), restFor);
  }

  /** Looks at nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = new Map();
    this.#settle();
  }

  #settle(): void {
    // Begun before others end: what stays of interest is not asked for twice.
    for (const [key, { connectionId, uuid }] of this.#wanted) {
      if (!this.#looking.has(key)) this.#looking.set(key, this.#inventory.look(connectionId, uuid));
    }
    for (const [key, stop] of this.#looking) {
      if (this.#wanted.has(key)) continue;
      this.#looking.delete(key);
      stop();
    }
  }
}

function sameKeys(a: ReadonlyMap<RowKey, unknown>, b: ReadonlyMap<RowKey, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
