import type { Connection, Domain } from '../../../inventory/types.js';
import { DomainState, isActive, stateName } from '../../../libvirt/domain-state.js';
import { kibOf, percent } from '../../../text/units.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import type { SortColumn } from './sorting.js';
import { sparkline } from './sparkline.js';

export type ColumnId = 'name' | 'state' | 'cpu' | 'spark' | 'memory' | 'ip' | 'hostCpu' | 'vcpus';

/** A cell's content and its style; the row drawer brings it to the column's width. */
type Cell = Part;

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  readonly sort?: SortColumn;
  readonly align: 'left' | 'right';
  /** Cells at least, and at most where there is room to spare. */
  readonly min: number;
  readonly max: number;
  /** Lower numbers get their room first on a narrow screen. */
  readonly rank: number;
  /** Width of a screen from which on the column is worth its room. */
  readonly from?: number;
  readonly domain: (domain: Domain, cells: number, look: Look) => Cell;
  readonly host: (connection: Connection, cells: number, look: Look) => Cell;
}

const nothing: Cell = [''];
const unknownCell = (look: Look): Cell => [look.glyphs.unknown];

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

function stateCell(domain: Domain, look: Look): Cell {
  if (domain.pending !== undefined) return [`${domain.pending}${look.glyphs.pending}`, 'accent'];
  return [stateName(domain.state), stateStyle(domain.state)];
}

function cpuCell(value: number | undefined, active: boolean, look: Look): Cell {
  if (value !== undefined) return [percent(value), value >= 90 ? 'warning' : 'plain'];
  return active ? unknownCell(look) : nothing;
}

function memoryCell(used: number | undefined, total: number | undefined): Cell {
  return used === undefined || total === undefined ? nothing : [kibOf(used, total)];
}

/** Cells of an IPv4 address. */
const addressCells = 15;

/** The address a person would use first and who says so; dots while it is being asked for. */
function addressCell(domain: Domain, cells: number, look: Look): Cell {
  if (!isActive(domain)) return nothing;
  if (domain.details === undefined) return [look.glyphs.pending, 'faint'];
  const [first] = domain.details.addresses;
  if (first === undefined) return nothing;
  const text = `${first.address.padEnd(addressCells)} ${first.source}`;
  // Half a word for the source would say nothing.
  return [text.length <= cells ? text : first.address];
}

/** The columns of the table in their order from the left. */
export const columns: readonly Column[] = [
  {
    id: 'name',
    title: 'NAME',
    sort: 'name',
    align: 'left',
    min: 18,
    max: 56,
    rank: 0,
    domain: (domain) => [domain.name],
    host: (connection) => [connection.name],
  },
  {
    id: 'state',
    title: 'STATE',
    sort: 'state',
    align: 'left',
    // "shutting down" and its dots.
    min: 14,
    max: 15,
    rank: 1,
    domain: (domain, _cells, look) => stateCell(domain, look),
    host: () => nothing,
  },
  {
    id: 'cpu',
    title: 'CPU %',
    sort: 'cpu',
    align: 'right',
    min: 5,
    max: 5,
    rank: 2,
    domain: (domain, _cells, look) => (isActive(domain) ? cpuCell(domain.cpuGuest, true, look) : nothing),
    host: (connection, _cells, look) => cpuCell(connection.load.cpu.last, false, look),
  },
  {
    id: 'spark',
    title: '',
    align: 'left',
    min: 8,
    max: 80,
    rank: 5,
    domain: (domain, cells, look) =>
      isActive(domain)
        ? [sparkline(domain.history.cpuGuest.tail(cells), cells, look.glyphs.spark), 'chart']
        : nothing,
    host: (connection, cells, look) => [
      sparkline(connection.load.cpu.tail(cells), cells, look.glyphs.spark),
      'chart',
    ],
  },
  {
    id: 'memory',
    title: 'MEMORY',
    sort: 'memory',
    align: 'left',
    min: 15,
    max: 15,
    rank: 3,
    domain: (domain) =>
      isActive(domain)
        ? memoryCell(domain.memoryUsed ?? domain.memoryCurrent, domain.memoryCurrent ?? domain.memoryMaximum)
        : nothing,
    host: (connection) => memoryCell(connection.load.memoryUsed.last, connection.load.memoryTotal),
  },
  {
    id: 'ip',
    title: 'IP',
    align: 'left',
    min: 15,
    max: 21,
    rank: 4,
    domain: addressCell,
    host: () => nothing,
  },
  {
    id: 'hostCpu',
    title: 'HOST %',
    align: 'right',
    min: 6,
    max: 6,
    rank: 6,
    from: 130,
    domain: (domain, _cells, look) => (isActive(domain) ? cpuCell(domain.cpuHost, true, look) : nothing),
    host: () => nothing,
  },
  {
    id: 'vcpus',
    title: 'vCPU',
    align: 'right',
    min: 5,
    max: 5,
    rank: 7,
    from: 100,
    domain: (domain) => [domain.vcpus === undefined ? '' : String(domain.vcpus)],
    host: (connection) => [connection.info === undefined ? '' : String(connection.info.cpus)],
  },
];
