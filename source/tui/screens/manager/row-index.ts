import type { Connection, Domain, InventoryState } from '../../../inventory/types.js';
import { DomainState, stateText } from '../../../libvirt/domain-state.js';
import { type ListState, type RowKey, rowKey } from './list-state.js';
import { DomainNames } from './names.js';
import { inOrder, isLive } from './sorting.js';

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

/** Rows that follow each other: a connection, then domains in order; either may be missing. */
interface Segment {
  readonly host: Connection | undefined;
  /** Index of the first row. */
  readonly start: number;
  readonly domains: readonly Domain[];
}

/** All domains of one connection by name, with what holds as long as names and states do. */
interface Roll {
  readonly listRevision: number;
  readonly byName: readonly Domain[];
  readonly running: number;
}

/** Domains that are shown, with what their order was made from. */
interface Order {
  readonly from: readonly Domain[];
  readonly stamp: string;
  readonly domains: readonly Domain[];
}

/** A connection's part of the list. */
interface Share {
  readonly connection: Connection;
  readonly roll: Roll;
  readonly filter: string;
  /** Those that pass the filter, by name. */
  readonly matching: readonly Domain[];
  readonly order: Order | undefined;
}

type Inputs = Pick<ListState, 'folded' | 'filter' | 'sort' | 'grouping'>;

/**
 * The list of rows as numbers to rows and back, without building 10,000 row objects: sorted and filtered
 * arrays, remade only when their names, states, filter or sort (or, under a sort by load, their values)
 * change. A key press that moves the selection touches none of it.
 */
export class RowIndex {
  readonly #names = new DomainNames();
  #segments: readonly Segment[] = [];
  #shares = new Map<string, Share>();
  /** All domains that match, where they are not grouped. */
  #flat: { readonly parts: readonly (readonly Domain[])[]; readonly order: Order } | undefined;
  #inputs: Inputs | undefined;
  #state: InventoryState | undefined;
  #counts: Counts = { hosts: 0, domains: 0, running: 0, matching: 0 };
  #length = 0;
  /** Index of the row found last: it is nearly always still there. */
  #last = 0;

  get length(): number {
    return this.#length;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Brings the index up to date; cheap when nothing it depends on has changed. */
  update(state: InventoryState, list: Inputs): void {
    const last = this.#inputs;
    const same =
      last !== undefined &&
      last.folded === list.folded &&
      last.filter === list.filter &&
      last.sort === list.sort &&
      last.grouping === list.grouping;
    if (same && this.#state === state) return;
    const { folded, filter, sort, grouping } = list;
    this.#inputs = { folded, filter, sort, grouping };
    this.#state = state;

    const terms = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const shares = state.connections.map((connection) =>
      shareOf(this.#names, connection, this.#shares.get(connection.id), filter, terms),
    );
    const found =
      grouping === 'host' ? this.#grouped(shares, list, terms) : this.#ungrouped(shares, list, terms);
    let start = 0;
    this.#segments = found.map((part) => {
      const segment = { ...part, start };
      start += (part.host === undefined ? 0 : 1) + part.domains.length;
      return segment;
    });
    this.#length = start;
    this.#counts = countsOf(shares);
  }

  at(index: number): Row | undefined {
    if (index < 0 || index >= this.#length) return undefined;
    const segment = this.#segments.findLast(({ start }) => start <= index);
    if (segment === undefined) return undefined;
    const { host, start, domains } = segment;
    if (host !== undefined && index === start)
      return { kind: 'host', key: rowKey(host.id), connection: host };
    const domain = domains[index - start - (host === undefined ? 0 : 1)];
    const connection = host ?? (domain && this.#shares.get(domain.connectionId)?.connection);
    if (domain === undefined || connection === undefined) return undefined;
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

  /** Every domain in the list, in order, without those hidden by a fold or the filter. */
  *domains(): Generator<Domain> {
    for (const { domains } of this.#segments) yield* domains;
  }

  /** The domains of a connection that pass the filter, folded or not. */
  domainsOf(connectionId: string): readonly Domain[] {
    return this.#shares.get(connectionId)?.matching ?? [];
  }

  #search(key: RowKey): number {
    const [id, uuid] = key.split('/');
    for (const { host, start, domains } of this.#segments) {
      if (host?.id === key) return start;
      if (uuid === undefined || (host !== undefined && host.id !== id)) continue;
      const at = domains.findIndex((domain) => domain.uuid === uuid && domain.connectionId === id);
      if (at !== -1) return start + (host === undefined ? 0 : 1) + at;
    }
    return -1;
  }

  #grouped(shares: readonly Share[], list: Inputs, terms: readonly string[]): Omit<Segment, 'start'>[] {
    const filtered = terms.length > 0;
    this.#flat = undefined;
    this.#shares = new Map();
    return shares.flatMap((share) => {
      const { connection, matching } = share;
      const order = orderOf(matching, share.order, list, connection.revision, () => connection);
      this.#shares.set(connection.id, { ...share, order });
      if (filtered && matching.length === 0 && !matchesHost(connection, terms)) return [];
      // A filter shows its matches even in a folded host: a hidden match would be none.
      const domains = list.folded.has(connection.id) && !filtered ? [] : order.domains;
      return [{ host: connection, domains }];
    });
  }

  /** The domains of all hosts together; below them the hosts that are there without one, or have trouble. */
  #ungrouped(shares: readonly Share[], list: Inputs, terms: readonly string[]): Omit<Segment, 'start'>[] {
    this.#shares = new Map(shares.map((share) => [share.connection.id, share]));
    const parts = shares.map(({ matching }) => matching);
    const same =
      this.#flat?.parts.length === parts.length && parts.every((p, i) => p === this.#flat?.parts[i]);
    const merged =
      same && this.#flat !== undefined ? this.#flat.order.from : this.#names.sorted(parts.flat());
    const order = orderOf(
      merged,
      this.#flat?.order,
      list,
      shares.reduce((sum, { connection }) => sum + connection.revision, 0),
      ({ connectionId }) => (this.#shares.get(connectionId) as Share).connection,
    );
    this.#flat = { parts, order };
    const bare = shares.filter(
      ({ connection }) => connection.status.state !== 'connected' || connection.domains.size === 0,
    );
    const hosts = bare.filter(({ connection }) => terms.length === 0 || matchesHost(connection, terms));
    return [
      { host: undefined, domains: order.domains },
      ...hosts.map(({ connection }) => ({ host: connection, domains: [] })),
    ];
  }
}

function countsOf(shares: readonly Share[]): Counts {
  const sum = (value: (share: Share) => number): number =>
    shares.reduce((total, share) => total + value(share), 0);
  return {
    hosts: shares.length,
    domains: sum(({ connection }) => connection.domains.size),
    running: sum(({ roll }) => roll.running),
    matching: sum(({ matching }) => matching.length),
  };
}

/** The part of a connection that passes the filter; reuses the last answer while it holds. */
function shareOf(
  names: DomainNames,
  connection: Connection,
  last: Share | undefined,
  filter: string,
  terms: readonly string[],
): Share {
  const roll = callRoll(names, connection, last?.roll);
  if (last !== undefined && last.roll === roll && last.filter === filter) return { ...last, connection };
  const matching = terms.length === 0 ? roll.byName : filterDomains(names, connection, roll.byName, terms);
  return { connection, roll, filter, matching, order: last?.order };
}

function orderOf(
  from: readonly Domain[],
  last: Order | undefined,
  { sort }: Inputs,
  revision: number,
  connectionOf: (domain: Domain) => Connection,
): Order {
  const stamp = `${isLive(sort) ? revision : ''} ${sort.column} ${sort.reversed}`;
  if (last !== undefined && last.from === from && last.stamp === stamp) return last;
  return { from, stamp, domains: inOrder(from, sort, connectionOf) };
}

/** The roll of the last time where it still holds; else a new one, made from it. */
function callRoll(names: DomainNames, connection: Connection, last: Roll | undefined): Roll {
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
  return { listRevision, byName: names.sorted(byName), running };
}

function matchesHost(connection: Connection, terms: readonly string[]): boolean {
  const text = `${connection.name} ${connection.uri} ${connection.info?.hostname ?? ''} ${connection.status.state}`;
  return matches(text.toLowerCase(), terms);
}

/** The domains for which every term occurs in the name, the state or the host's name. */
function filterDomains(
  names: DomainNames,
  connection: Connection,
  domains: readonly Domain[],
  terms: readonly string[],
): Domain[] {
  const host = connection.name.toLowerCase();
  const rest = terms.filter((term) => !host.includes(term));
  return domains.filter((domain) => {
    const { lowerCase } = names.of(domain);
    return rest.every(
      (term) =>
        lowerCase.includes(term) || stateText(domain.state, domain.reason).toLowerCase().includes(term),
    );
  });
}

/** Every term must occur. */
function matches(text: string, terms: readonly string[]): boolean {
  return terms.every((term) => text.includes(term));
}
