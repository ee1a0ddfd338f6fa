import type { Connection, Domain, InventoryState } from '../../../inventory/types.js';
import { DomainState, stateName } from '../../../libvirt/domain-state.js';
import { type RowKey, rowKey, type UiState } from '../../ui-state.js';
import { byNames, inOrder, isLive, namesOf } from './sorting.js';

export type Row =
  | { readonly kind: 'host'; readonly key: RowKey; readonly connection: Connection }
  | {
      readonly kind: 'domain';
      readonly key: RowKey;
      readonly connection: Connection;
      readonly domain: Domain;
    };

export interface Counts {
  readonly hosts: number;
  readonly domains: number;
  readonly running: number;
  /** Domains that pass the filter. */
  readonly matching: number;
}

/** One connection's rows: itself, then its domains in order. */
interface Segment {
  readonly connection: Connection;
  /** Index of the host row. */
  readonly start: number;
  readonly domains: readonly Domain[];
}

/** All domains of one connection by name, with what holds as long as names and states do. */
interface Roll {
  readonly listRevision: number;
  readonly byName: readonly Domain[];
  readonly running: number;
}

/** The domains of one connection that are shown, with what their order was made from. */
interface Order {
  readonly roll: Roll;
  readonly stamp: string;
  readonly filter: string;
  readonly domains: readonly Domain[];
}

type Inputs = Pick<UiState, 'folded' | 'filter' | 'sort'>;

/**
 * The list of rows as numbers to rows and back, without building 10,000 row objects: per connection one
 * sorted and filtered array, remade only when its names, states, filter or sort (or, under a sort by load,
 * its values) change. A key press that moves the selection touches none of it.
 */
export class RowIndex {
  #segments: readonly Segment[] = [];
  #orders = new Map<string, Order>();
  #inputs: Inputs | undefined;
  #state: InventoryState | undefined;
  #counts: Counts = { hosts: 0, domains: 0, running: 0, matching: 0 };
  #length = 0;
  /** Where the row asked for last was found: it is nearly always there still. */
  #last = 0;

  get length(): number {
    return this.#length;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Brings the index up to date; cheap when nothing it depends on has changed. */
  update(state: InventoryState, ui: Inputs): void {
    const last = this.#inputs;
    const sameUi =
      last !== undefined && last.folded === ui.folded && last.filter === ui.filter && last.sort === ui.sort;
    if (sameUi && this.#state === state) return;
    this.#inputs = { folded: ui.folded, filter: ui.filter, sort: ui.sort };
    this.#state = state;

    const terms = ui.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const orders = new Map<string, Order>();
    const segments: Segment[] = [];
    let start = 0;
    let domains = 0;
    let running = 0;
    let matching = 0;
    for (const connection of state.connections) {
      const order = this.#order(connection, ui, terms);
      orders.set(connection.id, order);
      domains += connection.domains.size;
      running += order.roll.running;
      matching += order.domains.length;
      const filtered = terms.length > 0;
      if (filtered && order.domains.length === 0 && !matchesHost(connection, terms)) continue;
      // What a filter finds is shown even in a folded host: a hit that stays hidden is no hit.
      const shown = ui.folded.has(connection.id) && !filtered ? [] : order.domains;
      segments.push({ connection, start, domains: shown });
      start += 1 + shown.length;
    }
    this.#orders = orders;
    this.#segments = segments;
    this.#length = start;
    this.#counts = { hosts: state.connections.length, domains, running, matching };
  }

  at(index: number): Row | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const segment = this.#segments.findLast((candidate) => candidate.start <= index);
    if (segment === undefined) return undefined;
    const { connection } = segment;
    if (index === segment.start) return { kind: 'host', key: rowKey(connection.id), connection };
    const domain = segment.domains[index - segment.start - 1];
    if (domain === undefined) return undefined;
    return { kind: 'domain', key: rowKey(connection.id, domain.uuid), connection, domain };
  }

  /** The index of a row by its identity, -1 when it is not in the list. */
  indexOf(key: RowKey | undefined): number {
    if (key === undefined) return -1;
    if (this.keyAt(this.#last) === key) return this.#last;
    const index = this.#search(key);
    if (index !== -1) this.#last = index;
    return index;
  }

  /** The identity of the row at `index`. */
  keyAt(index: number): RowKey | undefined {
    return this.at(index)?.key;
  }

  /** The identity of the row that is about to be selected, so that `indexOf` finds it without a search. */
  select(index: number): RowKey | undefined {
    const key = this.keyAt(index);
    if (key !== undefined) this.#last = index;
    return key;
  }

  #search(key: RowKey): number {
    for (const { connection, start, domains } of this.#segments) {
      if (key === connection.id) return start;
      if (!key.startsWith(`${connection.id}/`)) continue;
      const uuid = key.slice(connection.id.length + 1);
      const at = domains.findIndex((domain) => domain.uuid === uuid);
      if (at !== -1) return start + 1 + at;
    }
    return -1;
  }

  #order(connection: Connection, ui: Inputs, terms: readonly string[]): Order {
    const last = this.#orders.get(connection.id);
    const roll = callRoll(connection, last?.roll);
    const live = isLive(ui.sort.column) ? connection.revision : '';
    const stamp = `${live} ${ui.sort.column} ${ui.sort.reversed}`;
    if (last?.roll === roll && last.stamp === stamp && last.filter === ui.filter) return last;
    const matching = terms.length === 0 ? roll.byName : filterDomains(connection, roll.byName, terms);
    return { roll, stamp, filter: ui.filter, domains: inOrder(matching, ui.sort) };
  }
}

/** The roll of the last time where it still holds; else a new one, made from it. */
function callRoll(connection: Connection, last: Roll | undefined): Roll {
  const { listRevision, domains } = connection;
  if (last?.listRevision === listRevision) return last;
  let running = 0;
  for (const { state } of domains.values()) {
    if (state === DomainState.running || state === DomainState.blocked) running += 1;
  }
  // Those that were here before come first, in their order: what is nearly sorted is sorted in one pass.
  const byName = (last?.byName ?? []).filter((domain) => domains.get(domain.uuid) === domain);
  if (byName.length < domains.size) {
    const seen = new Set(byName);
    for (const domain of domains.values()) if (!seen.has(domain)) byName.push(domain);
  }
  return { listRevision, byName: byNames(byName), running };
}

function matchesHost(connection: Connection, terms: readonly string[]): boolean {
  const text = `${connection.name} ${connection.uri} ${connection.info?.hostname ?? ''} ${connection.status.state}`;
  return matches(text.toLowerCase(), terms);
}

/** The domains for which every term occurs in the name, the state or the host's name. */
function filterDomains(
  connection: Connection,
  domains: readonly Domain[],
  terms: readonly string[],
): Domain[] {
  const host = connection.name.toLowerCase();
  const rest = terms.filter((term) => !host.includes(term));
  return domains.filter((domain) => {
    const { lowerCase } = namesOf(domain);
    return rest.every((term) => lowerCase.includes(term) || stateName(domain.state).includes(term));
  });
}

/** Every term must occur. */
function matches(text: string, terms: readonly string[]): boolean {
  return terms.every((term) => text.includes(term));
}
