import type { StatsGroup } from '../../../libvirt/hypervisor.js';
import type { TableColumn } from '../../kit/table.js';
import {
  addressCell,
  addressOrder,
  byLoad,
  diskRings,
  type Guest,
  graphCell,
  type HostCell,
  highest,
  hostCpuCell,
  hostCpuGraph,
  hostMemoryCell,
  hostMemoryGraph,
  memoryCell,
  memoryOrder,
  netRings,
  percentOf,
  rateOf,
  stateCell,
  stateOrder,
  sums,
} from './cells.js';

/** A column of the Manager: what lists have, and what is its own. */
export interface Column extends TableColumn<Guest> {
  /** For the choice of columns: what it shows. */
  readonly about: string;
  /** Shown unless a person chose otherwise, on screens of so many cells and more; absent: by choice only. */
  readonly usualFrom?: number;
  /** Absent where hosts have no such value: their name may take the cells. */
  readonly host?: HostCell;
  /** Statistics that are asked for only while it is shown. */
  readonly group?: StatsGroup;
  /** Its value costs calls of its own for each running domain on the screen. */
  readonly watched?: true;
}

const always = 0;

/** A graph beside its values' column, which is the one to sort by; it takes what others leave. */
const graph = {
  title: '',
  min: 8,
  max: 40,
  widen: [
    [8, 24],
    [12, 40],
  ],
} as const;

/**
 * The columns in their usual order from the left: all that there is to say of each. Room to spare goes round in
 * turns (`widen`): first names and the guest's CPU can be read, then the others, and graphs take the rest.
 */
const table = [
  {
    id: 'name',
    title: 'NAME',
    about: 'name (always shown)',
    rank: 0,
    usualFrom: always,
    min: 18,
    max: 56,
    widen: [
      [1, 20],
      [3, 28],
      [6, 36],
      [11, 56],
    ],
    cell: ({ domain }) => [domain.name],
    order: {},
  },
  {
    id: 'host',
    title: 'HOST',
    about: 'the connection it belongs to',
    rank: 2.5,
    min: 8,
    max: 20,
    widen: [[7, 20]],
    cell: ({ connection }) => [connection.name],
    order: { value: ({ connection }) => connection.name },
  },
  {
    id: 'state',
    title: 'STATE',
    about: 'state',
    rank: 1,
    usualFrom: always,
    // "shutting down" and its dots.
    min: 14,
    max: 15,
    widen: [[7, 15]],
    cell: stateCell,
    order: stateOrder,
  },
  {
    id: 'cpu',
    title: 'CPU %',
    about: 'guest CPU: percent of its own vCPUs',
    rank: 2,
    usualFrom: always,
    min: 5,
    max: 5,
    align: 'right',
    ...percentOf(({ cpuGuest }) => cpuGuest),
    host: hostCpuCell,
  },
  {
    id: 'cpu-graph',
    title: '',
    about: 'guest CPU, the last minutes',
    rank: 5,
    usualFrom: always,
    min: 8,
    max: 80,
    widen: [
      [2, 16],
      [5, 24],
      [9, 40],
      [12, 80],
    ],
    cell: graphCell(({ history }, count) => history.cpuGuest.tail(count)),
    host: hostCpuGraph,
  },
  {
    id: 'memory',
    title: 'MEMORY',
    about: 'memory in use of what the guest has',
    rank: 3,
    usualFrom: always,
    min: 15,
    max: 15,
    cell: memoryCell,
    order: memoryOrder,
    host: hostMemoryCell,
  },
  {
    id: 'memory-graph',
    ...graph,
    about: 'memory in use, the last minutes',
    rank: 8,
    cell: graphCell(
      ({ history }, count) => history.memory.tail(count),
      ({ memoryCurrent, memoryMaximum }) => memoryCurrent ?? memoryMaximum ?? 1,
    ),
    host: hostMemoryGraph,
  },
  {
    id: 'disk',
    title: 'DISK',
    about: 'disk I/O: read and written',
    rank: 9,
    min: 9,
    max: 9,
    align: 'right',
    ...rateOf(...diskRings),
    group: 'block',
  },
  {
    id: 'disk-graph',
    ...graph,
    about: 'disk I/O, the last minutes',
    rank: 10,
    cell: graphCell(sums(...diskRings), highest),
    group: 'block',
  },
  {
    id: 'net',
    title: 'NET',
    about: 'network I/O: received and sent',
    rank: 11,
    min: 9,
    max: 9,
    align: 'right',
    ...rateOf(...netRings),
    group: 'interface',
  },
  {
    id: 'net-graph',
    ...graph,
    about: 'network I/O, the last minutes',
    rank: 12,
    cell: graphCell(sums(...netRings), highest),
    group: 'interface',
  },
  {
    id: 'ip',
    title: 'IP',
    about: 'address, and who says so: guest agent or DHCP lease',
    rank: 4,
    usualFrom: always,
    // An IPv4 address; with its source; where there is room to spare, an IPv6 address.
    min: 15,
    max: 45,
    widen: [
      [4, 21],
      [10, 45],
    ],
    cell: addressCell,
    order: addressOrder,
    watched: true,
  },
  {
    id: 'host-cpu',
    title: 'HOST %',
    about: 'host CPU: percent of all CPUs of the host',
    rank: 6,
    usualFrom: 130,
    min: 6,
    max: 6,
    align: 'right',
    ...percentOf(({ cpuHost }) => cpuHost),
  },
  {
    id: 'host-cpu-graph',
    ...graph,
    about: 'host CPU, the last minutes',
    rank: 13,
    cell: graphCell(({ history }, count) => history.cpuHost.tail(count)),
  },
  {
    id: 'vcpus',
    title: 'vCPU',
    about: 'number of vCPUs',
    rank: 7,
    usualFrom: 100,
    min: 5,
    max: 5,
    align: 'right',
    cell: ({ domain: { vcpus } }) => [vcpus === undefined ? '' : String(vcpus)],
    order: byLoad(({ vcpus }) => vcpus),
    host: ({ info }) => [info === undefined ? '' : String(info.cpus)],
  },
  {
    id: 'id',
    title: 'ID',
    about: "libvirt's number of a running domain",
    rank: 14,
    min: 5,
    max: 6,
    align: 'right',
    widen: [[7, 6]],
    cell: ({ domain: { id } }) => [id === -1 ? '' : String(id)],
    order: { value: ({ domain: { id } }) => (id === -1 ? Number.POSITIVE_INFINITY : id) },
  },
  {
    id: 'autostart',
    title: 'AUTO',
    about: 'starts with its host',
    rank: 15,
    min: 5,
    max: 5,
    cell: ({ domain: { autostart } }) => [autostart ? 'yes' : ''],
    order: { value: ({ domain: { autostart } }) => (autostart ? 0 : 1), live: true },
  },
] as const satisfies readonly Column[];

/** The columns' names in the settings file. */
export type ColumnId = (typeof table)[number]['id'];

export const columns: ReadonlyMap<string, Column> = new Map(table.map((one) => [one.id, one]));

/** What is shown where nobody chose: their order is the table's. */
export function usualColumns(screen: number): readonly Column[] {
  return [...columns.values()].filter(({ usualFrom }) => usualFrom !== undefined && screen >= usualFrom);
}

/** The chosen columns in order, the name first; unknown ids are left out. */
export function chosenColumns(ids: readonly string[]): readonly Column[] {
  const rest = ids.flatMap((id) => (id === 'name' ? [] : (columns.get(id) ?? [])));
  return [columns.get('name') as Column, ...rest];
}
