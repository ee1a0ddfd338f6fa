import { reachSource, reachText } from '../../inventory/domain-reach.js';
import { csvText } from '../../text/csv.js';
import { jsonText } from '../../text/json.js';
import { literal, type SafeText } from '../../text/safe.js';
import { duration, kibOf } from '../../text/units.js';
import { table } from '../table.js';
import type { ListRow } from './rows.js';

interface FormatOptions {
  readonly severalHosts: boolean;
}

const unknown = '-';

/** As `virsh list` prints it, with what virtdeck knows besides. */
export function formatTable(rows: readonly ListRow[], { severalHosts }: FormatOptions): SafeText {
  const hasCpu = rows.some(({ cpuPercent }) => cpuPercent !== undefined);
  const columns: readonly (readonly [string, (row: ListRow) => string, boolean?])[] = [
    ['Id', ({ id }) => (id === undefined ? unknown : String(id))],
    ['Name', ({ name }) => name],
    ['State', ({ stateText }) => stateText],
    ['vCPU', ({ vcpus }) => String(vcpus ?? unknown), true],
    hasCpu
      ? ['CPU %', ({ cpuPercent }) => (cpuPercent === undefined ? unknown : cpuPercent.toFixed(1)), true]
      : ['CPU time', ({ cpuTime }) => (cpuTime === undefined ? unknown : duration(cpuTime / 1e6)), true],
    ['Memory', memoryText, true],
    ['Address', addressCell],
  ];
  const shown = severalHosts
    ? [...columns, ['Connection', ({ connection }: ListRow) => connection] as const]
    : columns;
  return table(
    shown.map(([title, , right]) => ({ title, align: right ? 'right' : 'left' })),
    rows.map((row) => shown.map(([, cell]) => cell(row))),
  );
}

/** One array; the fields of ListRow, null for what is not known. Raw names: JSON escapes what it must. */
export function formatJson(rows: readonly ListRow[]): SafeText {
  const objects = rows.map((row) =>
    Object.fromEntries(fields.map(([name, value]) => [name, value(row) ?? null])),
  );
  return literal`${jsonText(objects, 2)}\n`;
}

/** Comma-separated values with a header line; names are raw. */
export function formatCsv(rows: readonly ListRow[]): string {
  return csvText(
    fields.map(([name]) => name),
    rows.map((row) => fields.map(([, value]) => value(row))),
  );
}

/** Names only, one a line: raw for scripts, which ask for a domain by its name. */
export function formatNames(rows: readonly ListRow[]): string {
  // A line feed, which libvirt refuses in a name, would make it two.
  return rows.map(({ name }) => `${name.replaceAll('\n', ' ')}\n`).join('');
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
  if (address) return `${address} (${addressSource})`;
  if (reach === undefined) return unknown;
  const source = reachSource(reach);
  return reachText(reach) + (source === undefined ? '' : ` (${source})`);
}

/** What the guest uses of what it has, as the Manager shows it. */
function memoryText({ memoryUsed, memory, maxMemory }: ListRow): string {
  const total = memory ?? maxMemory;
  return memoryUsed === undefined || total === undefined ? unknown : kibOf(memoryUsed, total);
}
