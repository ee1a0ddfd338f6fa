import { safe } from '../text/safe.js';
import { duration, kibOf } from '../text/units.js';
import type { ListRow } from './list-rows.js';
import { table } from './table.js';

interface FormatOptions {
  readonly severalHosts: boolean;
}

const unknown = '-';

/** As `virsh list` prints it, with what virtdeck knows besides. */
export function formatTable(rows: readonly ListRow[], { severalHosts }: FormatOptions): string {
  const hasCpu = rows.some(({ cpuPercent }) => cpuPercent !== undefined);
  const columns: readonly (readonly [string, (row: ListRow) => string, boolean?])[] = [
    ['Id', ({ id }) => (id === undefined ? unknown : String(id))],
    ['Name', ({ name }) => safe(name)],
    ['State', ({ state }) => state],
    ['vCPU', ({ vcpus }) => String(vcpus ?? unknown), true],
    hasCpu
      ? ['CPU %', ({ cpuPercent }) => (cpuPercent === undefined ? unknown : cpuPercent.toFixed(1)), true]
      : ['CPU time', ({ cpuTime }) => (cpuTime === undefined ? unknown : duration(cpuTime / 1e6)), true],
    ['Memory', memoryText, true],
    ['Address', ({ address, addressSource }) => (address ? `${safe(address)} (${addressSource})` : unknown)],
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
    Object.fromEntries(csvColumns.map(([name, value]) => [name, value(row) ?? null])),
  );
  // A script may print the text it reads: no control character is left as it is.
  const text = JSON.stringify(objects, undefined, 2).replace(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** Comma-separated values (RFC 4180) with a header line. */
export function formatCsv(rows: readonly ListRow[]): string {
  const lines = rows.map((row) => csvColumns.map(([, value]) => csvCell(value(row))).join(','));
  return [csvColumns.map(([name]) => name).join(','), ...lines, ''].join('\r\n');
}

/** Names only, one a line. */
export function formatNames(rows: readonly ListRow[]): string {
  return rows.map(({ name }) => `${safe(name)}\n`).join('');
}

/** The machine-readable fields, in order; names are stable. */
const csvColumns: readonly (readonly [string, (row: ListRow) => string | number | undefined])[] = [
  ['connection', ({ connection }) => connection],
  ['id', ({ id }) => id],
  ['name', ({ name }) => name],
  ['uuid', ({ uuid }) => uuid],
  ['state', ({ state }) => state],
  ['vcpus', ({ vcpus }) => vcpus],
  [
    'cpuPercent',
    ({ cpuPercent }) => (cpuPercent === undefined ? undefined : Math.round(cpuPercent * 10) / 10),
  ],
  ['cpuTimeNs', ({ cpuTime }) => cpuTime],
  ['memoryKiB', ({ memory }) => memory],
  ['maxMemoryKiB', ({ maxMemory }) => maxMemory],
  ['address', ({ address }) => address],
  ['addressSource', ({ addressSource }) => addressSource],
];

function csvCell(value: string | number | undefined): string {
  const text = value === undefined ? '' : typeof value === 'number' ? String(value) : safe(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function memoryText({ memory, maxMemory }: ListRow): string {
  if (maxMemory === undefined && memory === undefined) return unknown;
  return kibOf(memory ?? 0, maxMemory ?? memory ?? 0);
}
