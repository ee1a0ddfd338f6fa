import { reachSource, reachText } from '../../inventory/domain-reach.js';
import { csvText } from '../../text/csv.js';
import { jsonText } from '../../text/json.js';
import { safe } from '../../text/safe.js';
import { duration, kibOf } from '../../text/units.js';
import { table } from '../table.js';
import type { ListRow } from './rows.js';

interface FormatOptions {
  readonly severalHosts: boolean;
  /** A person reads it, and no script. */
  readonly onTerminal: boolean;
}

const unknown = '-';

/** As `virsh list` prints it, with what virtdeck knows besides. */
export function formatTable(
  rows: readonly ListRow[],
  { severalHosts }: Pick<FormatOptions, 'severalHosts'>,
): string {
  const hasCpu = rows.some(({ cpuPercent }) => cpuPercent !== undefined);
  const columns: readonly (readonly [string, (row: ListRow) => string, boolean?])[] = [
    ['Id', ({ id }) => (id === undefined ? unknown : String(id))],
    ['Name', ({ name }) => safe(name)],
    ['State', ({ stateText }) => stateText],
    ['vCPU', ({ vcpus }) => String(vcpus ?? unknown), true],
    hasCpu
      ? ['CPU %', ({ cpuPercent }) => (cpuPercent === undefined ? unknown : cpuPercent.toFixed(1)), true]
      : ['CPU time', ({ cpuTime }) => (cpuTime === undefined ? unknown : duration(cpuTime / 1e6)), true],
    ['Memory', memoryText, true],
    ['Address', addressCell],
  ];
  const shown = severalHosts
    ? [...columns, ['Connection', ({ connection }: ListRow) => safe(connection)] as const]
    : columns;
  return table(
    shown.map(([title, , right]) => ({ title, align: right ? 'right' : 'left' })),
    rows.map((row) => shown.map(([, cell]) => cell(row))),
  );
}

/** One array; the fields of ListRow, null for what is not known. Raw names: JSON escapes what it must. */
export function formatJson(rows: readonly ListRow[]): string {
  const objects = rows.map((row) =>
    Object.fromEntries(fields.map(([name, value]) => [name, value(row) ?? null])),
  );
  return `${jsonText(objects, 2)}\n`;
}

/** Comma-separated values with a header line; names are raw but where a person looks at them. */
export function formatCsv(rows: readonly ListRow[], { onTerminal }: FormatOptions): string {
  const shown = (value: string | number | undefined) =>
    onTerminal && typeof value === 'string' ? safe(value) : value;
  return csvText(
    fields.map(([name]) => name),
    rows.map((row) => fields.map(([, value]) => shown(value(row)))),
  );
}

/** Names only, one a line: raw for scripts, which ask for a domain by its name. */
export function formatNames(rows: readonly ListRow[], { onTerminal }: FormatOptions): string {
  // A line feed, which libvirt refuses in a name, would make it two.
  const shown = (name: string): string => (onTerminal ? safe(name) : name.replaceAll('\n', ' '));
  return rows.map(({ name }) => `${shown(name)}\n`).join('');
}

/** The machine-readable fields, in order; names are stable. */
const fields: readonly (readonly [string, (row: ListRow) => string | number | undefined])[] = [
  ['connection', ({ connection }) => connection],
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['uuid', ({ uuid }) => uuid],
  ['state', ({ state }) => state],
  ['reason', ({ reason }) => reason],
  ['vcpus', ({ vcpus }) => vcpus],
  [
    'cpuPercent',
    ({ cpuPercent }) => (cpuPercent === undefined ? undefined : Math.round(cpuPercent * 10) / 10),
  ],
  ['cpuTimeNs', ({ cpuTime }) => cpuTime],
  ['memoryUsedKiB', ({ memoryUsed }) => memoryUsed],
  ['memoryKiB', ({ memory }) => memory],
  ['maxMemoryKiB', ({ maxMemory }) => maxMemory],
  ['address', ({ address }) => address],
  ['addressSource', ({ addressSource }) => addressSource],
  // "address", "forward" or "user-net": what has user-mode networking only has no address that leads to it.
  ['reach', ({ reach }) => reach?.kind],
  ['forward', ({ reach }) => (reach?.kind === 'forward' ? reachText(reach) : undefined)],
];

function addressCell({ address, addressSource, reach }: ListRow): string {
  if (address) return `${safe(address)} (${addressSource})`;
  if (reach === undefined) return unknown;
  const source = reachSource(reach);
  return safe(reachText(reach)) + (source === undefined ? '' : ` (${source})`);
}

/** What the guest uses of what it has, as the Manager shows it. */
function memoryText({ memoryUsed, memory, maxMemory }: ListRow): string {
  const total = memory ?? maxMemory;
  return memoryUsed === undefined || total === undefined ? unknown : kibOf(memoryUsed, total);
}
