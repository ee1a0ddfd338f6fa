import { reachOf } from '../../../inventory/domain-reach.js';
import type { Connection, Domain } from '../../../inventory/types.js';
import { DomainState, isActive } from '../../../libvirt/domain-state.js';
import type { Sort } from '../../kit/ui-state.js';
import { diskRings, netRings, sumOf } from './cells.js';
import type { ColumnId } from './columns.js';

interface Ordering {
  /** What rows are compared by; equal ones keep the order of their names. Absent: the names' own order. */
  readonly value?: (domain: Domain, connection: Connection | undefined) => number | string;
  /** Which way up a person expects first: names from A, loads from the highest. */
  readonly descending: boolean;
  /** The order changes with every tick, not only with names and states. */
  readonly live: boolean;
}

/** What needs attention or works comes before what lies still. */
const stateRank: Readonly<Record<DomainState, number>> = {
  [DomainState.crashed]: 0,
  [DomainState.running]: 1,
  [DomainState.blocked]: 1,
  [DomainState.shutdown]: 2,
  [DomainState.paused]: 3,
  [DomainState.pmSuspended]: 4,
  [DomainState.shutOff]: 5,
  [DomainState.noState]: 6,
};

const load = (value: (domain: Domain) => number | undefined): Ordering => ({
  value: (domain) => value(domain) ?? -1,
  descending: true,
  live: true,
});

/** Every column that rows can be sorted by. Graphs show what their values' columns sort by. */
const orderings: Readonly<Partial<Record<ColumnId, Ordering>>> = {
  name: { descending: false, live: false },
  host: { value: (_, connection) => connection?.name ?? '', descending: false, live: false },
  state: { value: ({ state }) => stateRank[state], descending: false, live: false },
  cpu: load(({ cpuGuest }) => cpuGuest),
  'host-cpu': load(({ cpuHost }) => cpuHost),
  memory: load(memoryOf),
  disk: load((domain) => (isActive(domain) ? sumOf(domain, ...diskRings) : -1)),
  net: load((domain) => (isActive(domain) ? sumOf(domain, ...netRings) : -1)),
  ip: { value: addressRank, descending: false, live: true },
  vcpus: load(({ vcpus }) => vcpus),
  id: { value: ({ id }) => (id === -1 ? Number.POSITIVE_INFINITY : id), descending: false, live: false },
  autostart: { value: ({ autostart }) => (autostart ? 0 : 1), descending: false, live: true },
};

/** KiB that the memory column shows, -1 where it shows nothing. */
export function memoryOf(domain: Domain): number {
  return isActive(domain) ? (domain.memoryUsed ?? domain.memoryCurrent ?? -1) : -1;
}

/** The address as a number, those that are not known (yet) last. */
function addressRank({ details }: Domain): number {
  const reach = details && reachOf(details);
  const first = reach?.kind === 'address' ? reach.address : undefined;
  if (first?.family !== 'ipv4') return first === undefined ? Number.POSITIVE_INFINITY : 2 ** 32;
  return first.address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

const byName: Ordering = { descending: false, live: false };

/** A sort by a column that is none, e.g. of settings of a later version, is one by name. */
function orderingOf(column: string): Ordering {
  return orderings[column as ColumnId] ?? byName;
}

/** True when the order must be looked at after every tick. */
export function isLive(column: string): boolean {
  return orderingOf(column).live;
}

/** The way the rows run, for the header's mark. */
export function isDescending({ column, reversed }: Sort): boolean {
  return orderingOf(column).descending !== reversed;
}

/** The domains, given in the order of their names, in the order asked for. A new array. */
export function inOrder(
  named: readonly Domain[],
  sort: Sort,
  connectionOf: (domain: Domain) => Connection | undefined,
): Domain[] {
  const { value } = orderingOf(sort.column);
  if (value === undefined) return isDescending(sort) ? named.toReversed() : [...named];
  const sign = isDescending(sort) ? -1 : 1;
  const valued = named.map((domain) => ({ domain, value: value(domain, connectionOf(domain)) }));
  // A stable sort: equal values stay in the order of their names.
  valued.sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -sign : sign));
  return valued.map(({ domain }) => domain);
}

/** The domains in the natural order of their names; equal ones by UUID. A new array. */
export function byNames(domains: readonly Domain[]): Domain[] {
  // Each key is looked up once here, not at each of 130,000 comparisons.
  const keyed = domains.map((domain) => ({ key: namesOf(domain).key, domain }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.domain.uuid < b.domain.uuid ? -1 : 1));
  return keyed.map(({ domain }) => domain);
}

/** The next of the columns shown by which rows can be sorted; from the last on to the first. */
export function nextColumn(column: string, shown: readonly ColumnId[]): ColumnId {
  const sortable = shown.filter((id) => orderings[id] !== undefined);
  return sortable[(sortable.indexOf(column as ColumnId) + 1) % sortable.length] ?? 'name';
}

export function canSortBy(column: ColumnId): boolean {
  return orderings[column] !== undefined;
}

/** Names that are alike for so long are in the order of their UUIDs. */
const comparedUnits = 256;

interface Names {
  readonly name: string;
  /** A string whose plain order is the natural order of names. */
  readonly key: string;
  readonly lowerCase: string;
}

const known = new WeakMap<Domain, Names>();

/** Forms of a domain's name for comparing and searching, made once per name. */
export function namesOf(domain: Domain): Names {
  const names = known.get(domain);
  if (names !== undefined && names.name === domain.name) return names;
  const { name } = domain;
  const made = { name, key: naturalKey(name), lowerCase: name.toLowerCase() };
  known.set(domain, made);
  return made;
}

/**
 * Puts "vm-2" before "vm-10", upper and lower case alike, when compared as plain strings. (Intl.Collator's
 * numeric compare would take 150 ms for 10,000 names.)
 */
export function naturalKey(name: string): string {
  const lower = name.slice(0, comparedUnits).toLowerCase();
  let key = '';
  let from = 0;
  for (let at = 0; at < lower.length; at += 1) {
    if (!isDigit(lower, at)) continue;
    key += lower.slice(from, at);
    // A run of digits becomes "0", its length as a character, and the digits: longer numbers are larger.
    while (lower[at] === '0' && isDigit(lower, at + 1)) at += 1;
    from = at;
    while (isDigit(lower, at + 1)) at += 1;
    key += `0${String.fromCharCode(0x30 + Math.min(at + 1 - from, 0x4000))}`;
  }
  return key + lower.slice(from);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
