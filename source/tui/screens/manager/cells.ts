import { reachOf, reachSource, reachText } from '../../../inventory/domain-reach.js';
import type { Ring } from '../../../inventory/ring.js';
import type { Connection, Domain } from '../../../inventory/types.js';
import { DomainState, isActive, notableReason, stateText } from '../../../libvirt/domain-state.js';
import { kibOf, percent, rate } from '../../../text/units.js';
import { sparkline } from '../../kit/sparkline.js';
import type { ColumnOrder } from '../../kit/table.js';
import type { DomainSelection } from '../../services/domain-action.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';

/** A domain's row: the domain and the connection it belongs to. */
export type Guest = Pick<DomainSelection, 'domain' | 'connection'>;

/** A cell's content and its style; the row drawer brings it to the column's width. */
export type DomainCell = (row: Guest, cells: number, look: Look) => Part;
export type HostCell = (connection: Connection, cells: number, look: Look) => Part;

const nothing: Part = [''];

const stateStyles: Readonly<Partial<Record<DomainState, StyleName>>> = {
  [DomainState.running]: 'good',
  [DomainState.blocked]: 'good',
  [DomainState.paused]: 'warning',
  [DomainState.pmSuspended]: 'warning',
  [DomainState.shutdown]: 'warning',
  [DomainState.crashed]: 'bad',
  [DomainState.shutOff]: 'faint',
};

export function stateStyle(state: DomainState): StyleName {
  return stateStyles[state] ?? 'plain';
}

export const stateCell: DomainCell = ({ domain }, cells, look) => {
  if (domain.pending !== undefined) return [`${domain.pending}${look.glyphs.pending}`, 'accent'];
  const notable = notableReason(domain.state, domain.reason);
  const text = stateText(domain.state, domain.reason);
  // If there is room for only one, show the reason: the symbol before the name tells the state.
  const shown = text.length <= cells ? text : (notable ?? text);
  return [shown, notable === undefined ? stateStyle(domain.state) : 'bad'];
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

export const stateOrder: ColumnOrder<Guest> = { value: ({ domain }) => stateRank[domain.state] };

/** A percentage of `value`, for what runs: a column's cell and order. */
export function percentOf(value: (domain: Domain) => number | undefined): {
  readonly cell: DomainCell;
  readonly order: ColumnOrder<Guest>;
} {
  return {
    cell: ({ domain }, _cells, look) =>
      isActive(domain) ? percentOrUnknown(value(domain), look.glyphs.unknown) : nothing,
    order: byLoad(value),
  };
}

export const hostCpuCell: HostCell = ({ load }) => percentOrUnknown(load.cpu.last, '');

function percentOrUnknown(value: number | undefined, unknown: string): Part {
  return value === undefined ? [unknown] : [percent(value), value >= 90 ? 'warning' : 'plain'];
}

export const memoryCell: DomainCell = ({ domain }) =>
  isActive(domain)
    ? amountCell(domain.memoryUsed ?? domain.memoryCurrent, domain.memoryCurrent ?? domain.memoryMaximum)
    : nothing;

/** By what the cell shows. */
export const memoryOrder = byLoad((domain) =>
  isActive(domain) ? (domain.memoryUsed ?? domain.memoryCurrent) : undefined,
);

export const hostMemoryCell: HostCell = ({ load }) => amountCell(load.memoryUsed.last, load.memoryTotal);

function amountCell(used: number | undefined, total: number | undefined): Part {
  return used === undefined || total === undefined ? nothing : [kibOf(used, total)];
}

/** Cells of an IPv4 address. */
const addressCells = 15;

/** The address a person would use first and who says so; dots while it is being asked for. */
export const addressCell: DomainCell = ({ domain }, cells, look) => {
  if (!isActive(domain)) return nothing;
  if (domain.details === undefined) return [look.glyphs.pending, 'faint'];
  const reach = reachOf(domain.details);
  if (reach === undefined) return nothing;
  const where = reachText(reach);
  if (reach.kind === 'user-net') return [where, 'faint'];
  const text = `${where.padEnd(addressCells)} ${reachSource(reach)}`;
  // Half a word for the source would say nothing.
  return [text.length <= cells ? text : where];
};

/** By the address as a number, those that are not known (yet) last. */
export const addressOrder: ColumnOrder<Guest> = {
  value: ({ domain: { details } }) => {
    const reach = details && reachOf(details);
    const first = reach?.kind === 'address' ? reach.address : undefined;
    if (first?.family !== 'ipv4') return first === undefined ? Number.POSITIVE_INFINITY : 2 ** 32;
    return first.address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  },
  live: true,
};

/** A column's cell and order by the sum of two rates, e.g. all disks' reads and writes. */
export function rateOf(
  first: RingOf,
  second: RingOf,
): { readonly cell: DomainCell; readonly order: ColumnOrder<Guest> } {
  return {
    cell: ({ domain }, _cells, look) => {
      if (!isActive(domain)) return nothing;
      const value = sumOf(domain, first, second);
      return [value === undefined ? look.glyphs.unknown : rate(value)];
    },
    order: byLoad((domain) => (isActive(domain) ? sumOf(domain, first, second) : undefined)),
  };
}

/** The highest first, and last those of which nothing is known. */
export function byLoad(value: (domain: Domain) => number | undefined): ColumnOrder<Guest> {
  return { value: ({ domain }) => value(domain) ?? -1, descending: true, live: true };
}

type RingOf = (domain: Domain) => Ring;

export const diskRings = [
  ({ history }: Domain) => history.diskRead,
  ({ history }: Domain) => history.diskWrite,
] as const;

export const netRings = [
  ({ history }: Domain) => history.netReceive,
  ({ history }: Domain) => history.netSend,
] as const;

/** Bytes per second of both, undefined until a rate is known. */
function sumOf(domain: Domain, first: RingOf, second: RingOf): number | undefined {
  const [a, b] = [first(domain).last, second(domain).last];
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

/** @param full the value at the top, of the domain or of the samples shown */
export function graphCell(
  samples: (domain: Domain, count: number) => readonly number[],
  full: (domain: Domain, shown: readonly number[]) => number = () => 100,
): DomainCell {
  return ({ domain }, cells, look) => {
    if (!isActive(domain)) return nothing;
    const shown = samples(domain, cells);
    return [sparkline(shown, cells, look.glyphs.spark, full(domain, shown)), 'chart'];
  };
}

export const hostCpuGraph: HostCell = ({ load }, cells, look) => [
  sparkline(load.cpu.tail(cells), cells, look.glyphs.spark),
  'chart',
];

export const hostMemoryGraph: HostCell = ({ load }, cells, look) => [
  sparkline(load.memoryUsed.tail(cells), cells, look.glyphs.spark, load.memoryTotal),
  'chart',
];

/** Rates have no natural top: the highest sample shown is it. */
export function highest(_domain: Domain, shown: readonly number[]): number {
  const known = shown.filter((value) => !Number.isNaN(value));
  return Math.max(1, ...known);
}

/** The newest `count` sums of two rings, oldest first. */
export function sums(first: RingOf, second: RingOf): (domain: Domain, count: number) => readonly number[] {
  return (domain, count) => {
    const other = second(domain).tail(count);
    return first(domain)
      .tail(count)
      .map((value, at) => value + (other[at] ?? 0));
  };
}
