import type { Domain } from '../../../inventory/types.js';
import { DomainState } from '../../../libvirt/domain-state.js';
import type { Sort } from '../../ui-state.js';

export const sortColumns = ['name', 'state', 'cpu', 'memory'] as const;
export type SortColumn = (typeof sortColumns)[number];

interface Ordering {
  /** A negative number puts `a` first. Undefined values go last in both directions. */
  readonly compare: (a: Domain, b: Domain) => number;
  /** Which way up a person expects first: names from A, loads from the highest. */
  readonly descending: boolean;
  /** The order changes with every tick, not only with names and states. */
  readonly live: boolean;
}

const byName = (a: Domain, b: Domain): number => {
  const left = nameKey(a);
  const right = nameKey(b);
  return left < right ? -1 : left > right ? 1 : a.uuid < b.uuid ? -1 : 1;
};

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

const orderings: Readonly<Record<SortColumn, Ordering>> = {
  name: { compare: byName, descending: false, live: false },
  state: { compare: (a, b) => stateRank[a.state] - stateRank[b.state], descending: false, live: false },
  cpu: { compare: (a, b) => (a.cpuGuest ?? -1) - (b.cpuGuest ?? -1), descending: true, live: true },
  memory: { compare: (a, b) => memoryOf(a) - memoryOf(b), descending: true, live: true },
};

/** KiB that the memory column shows, -1 where it shows nothing. */
export function memoryOf(domain: Domain): number {
  return domain.memoryUsed ?? domain.memoryCurrent ?? -1;
}

/** True when the order must be looked at after every tick. */
export function isLive(column: SortColumn): boolean {
  return orderings[column].live;
}

/** The way the rows run, for the header's mark. */
export function isDescending({ column, reversed }: Sort): boolean {
  return orderings[column].descending !== reversed;
}

export function comparator(sort: Sort): (a: Domain, b: Domain) => number {
  const { compare } = orderings[sort.column];
  const sign = isDescending(sort) ? -1 : 1;
  if (sort.column === 'name') return (a, b) => sign * byName(a, b);
  return (a, b) => sign * compare(a, b) || byName(a, b);
}

export function nextColumn(column: SortColumn): SortColumn {
  return sortColumns[(sortColumns.indexOf(column) + 1) % sortColumns.length] ?? 'name';
}

const keys = new WeakMap<Domain, { readonly name: string; readonly key: string }>();

/**
 * A string whose plain order is the natural order of names: "vm-2" before "vm-10", upper and lower case
 * alike. Made once per name: Intl.Collator's numeric compare would take 150 ms for 10,000 names.
 */
function nameKey(domain: Domain): string {
  const known = keys.get(domain);
  if (known !== undefined && known.name === domain.name) return known.key;
  const key = naturalKey(domain.name);
  keys.set(domain, { name: domain.name, key });
  return key;
}

export function naturalKey(name: string): string {
  // A run of digits becomes "0", its length as a character, and the digits: longer numbers are larger.
  return name.toLowerCase().replace(/\d+/g, (digits) => {
    const significant = digits.replace(/^0+(?=\d)/, '');
    return `0${String.fromCharCode(0x30 + Math.min(significant.length, 0x4000))}${significant}`;
  });
}
