import type { StatsGroup } from '../../../libvirt/hypervisor.js';
import {
  addressCell,
  type DomainCell,
  diskRings,
  graphCell,
  type HostCell,
  highest,
  hostCpuCell,
  hostCpuGraph,
  hostMemoryCell,
  hostMemoryGraph,
  memoryCell,
  netRings,
  percentCell,
  rateCell,
  stateCell,
  sums,
} from './cells.js';

/** The columns' names in the settings file. */
export const columnIds = [
  'name',
  'host',
  'state',
  'cpu',
  'cpu-graph',
  'host-cpu',
  'host-cpu-graph',
  'memory',
  'memory-graph',
  'disk',
  'disk-graph',
  'net',
  'net-graph',
  'ip',
  'vcpus',
  'id',
  'autostart',
] as const;

export type ColumnId = (typeof columnIds)[number];

export interface Column {
  readonly id: ColumnId;
  readonly title: string;
  /** For the choice of columns: what it shows. */
  readonly about: string;
  readonly align: 'left' | 'right';
  /** Cells at least, and at most where there is room to spare. */
  readonly min: number;
  readonly max: number;
  /** Lower numbers get their room first on a narrow screen. */
  readonly rank: number;
  /** Shown unless a person chose otherwise, on screens of so many cells and more. */
  readonly usualFrom: number | undefined;
  readonly domain: DomainCell;
  /** Absent where hosts have no such value: their name may take the cells. */
  readonly host?: HostCell;
  /** Statistics that are asked for only while it is shown. */
  readonly group?: StatsGroup;
}

const never = undefined;
const always = 0;

/** The columns of the table in their usual order from the left. */
const table: readonly Column[] = [
  {
    ...column('name', 'NAME', 'name (always shown)', 0, always),
    ...cells(18, 56),
    domain: ({ name }) => [name],
  },
  {
    ...column('host', 'HOST', 'the connection it belongs to', 2.5, never),
    ...cells(8, 20),
    domain: (_domain, _cells, _look, { name }) => [name],
  },
  {
    ...column('state', 'STATE', 'state', 1, always),
    // "shutting down" and its dots.
    ...cells(14, 15),
    domain: stateCell,
  },
  {
    ...column('cpu', 'CPU %', 'guest CPU: percent of its own vCPUs', 2, always),
    ...cells(5, 5, 'right'),
    domain: percentCell(({ cpuGuest }) => cpuGuest),
    host: hostCpuCell,
  },
  {
    ...column('cpu-graph', '', 'guest CPU, the last minutes', 5, always),
    ...cells(8, 80),
    domain: graphCell(({ history }, count) => history.cpuGuest.tail(count)),
    host: hostCpuGraph,
  },
  {
    ...column('memory', 'MEMORY', 'memory in use of what the guest has', 3, always),
    ...cells(15, 15),
    domain: memoryCell,
    host: hostMemoryCell,
  },
  {
    ...column('memory-graph', '', 'memory in use, the last minutes', 8, never),
    ...cells(8, 40),
    domain: graphCell(
      ({ history }, count) => history.memory.tail(count),
      ({ memoryCurrent, memoryMaximum }) => memoryCurrent ?? memoryMaximum ?? 1,
    ),
    host: hostMemoryGraph,
  },
  {
    ...column('disk', 'DISK', 'disk I/O: read and written', 9, never),
    ...cells(9, 9, 'right'),
    domain: rateCell(...diskRings),
    group: 'block',
  },
  {
    ...column('disk-graph', '', 'disk I/O, the last minutes', 10, never),
    ...cells(8, 40),
    domain: graphCell(sums(...diskRings), highest),
    group: 'block',
  },
  {
    ...column('net', 'NET', 'network I/O: received and sent', 11, never),
    ...cells(9, 9, 'right'),
    domain: rateCell(...netRings),
    group: 'interface',
  },
  {
    ...column('net-graph', '', 'network I/O, the last minutes', 12, never),
    ...cells(8, 40),
    domain: graphCell(sums(...netRings), highest),
    group: 'interface',
  },
  {
    ...column('ip', 'IP', 'address, and who says so: guest agent or DHCP lease', 4, always),
    // An IPv4 address with its source; where there is room to spare, an IPv6 address.
    ...cells(15, 45),
    domain: addressCell,
  },
  {
    ...column('host-cpu', 'HOST %', 'host CPU: percent of all CPUs of the host', 6, 130),
    ...cells(6, 6, 'right'),
    domain: percentCell(({ cpuHost }) => cpuHost),
  },
  {
    ...column('host-cpu-graph', '', 'host CPU, the last minutes', 13, never),
    ...cells(8, 40),
    domain: graphCell(({ history }, count) => history.cpuHost.tail(count)),
  },
  {
    ...column('vcpus', 'vCPU', 'number of vCPUs', 7, 100),
    ...cells(5, 5, 'right'),
    domain: ({ vcpus }) => [vcpus === undefined ? '' : String(vcpus)],
    host: ({ info }) => [info === undefined ? '' : String(info.cpus)],
  },
  {
    ...column('id', 'ID', "libvirt's number of a running domain", 14, never),
    ...cells(5, 6, 'right'),
    domain: ({ id }) => [id === -1 ? '' : String(id)],
  },
  {
    ...column('autostart', 'AUTO', 'starts with its host', 15, never),
    ...cells(5, 5),
    domain: ({ autostart }) => [autostart ? 'yes' : ''],
  },
];

function column(
  id: ColumnId,
  title: string,
  about: string,
  rank: number,
  usualFrom: number | undefined,
): Pick<Column, 'id' | 'title' | 'about' | 'rank' | 'usualFrom'> {
  return { id, title, about, rank, usualFrom };
}

function cells(
  min: number,
  max: number,
  align: Column['align'] = 'left',
): Pick<Column, 'min' | 'max' | 'align'> {
  return { min, max, align };
}

export const columns: ReadonlyMap<ColumnId, Column> = new Map(table.map((one) => [one.id, one]));

/** What is shown where nobody chose: their order is the table's. */
export function usualColumns(screen: number): readonly Column[] {
  return table.filter(({ usualFrom }) => usualFrom !== undefined && screen >= usualFrom);
}

/** The columns of a choice in its order, the name first; ids that are none are left out. */
export function chosenColumns(ids: readonly string[]): readonly Column[] {
  const rest = ids.flatMap((id) => (id === 'name' ? [] : (columns.get(id as ColumnId) ?? [])));
  return [columns.get('name') as Column, ...rest];
}
