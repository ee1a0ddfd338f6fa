import { reachOf, reachText } from '../../../inventory/domain-reach.js';
import type { Connection, Domain, DomainDetails } from '../../../inventory/types.js';
import { DomainState, isActive, notableReason, stateWithReason } from '../../../libvirt/domain-state.js';
import type { LibvirtError } from '../../../libvirt/errors.js';
import { literal, type SafeText } from '../../../text/safe.js';
import { duration, kib, percent } from '../../../text/units.js';
import { spaces, wrap } from '../../../text/width.js';
import { absentText, drawChart, percentScale } from '../../kit/chart.js';
import { tellsNoLoad } from '../../services/host-load.js';
import type { Look, Part } from '../../theme/look.js';
import type { Row } from './row-index.js';

export interface DetailsContext {
  readonly look: Look;
  readonly cells: number;
  readonly lines: number;
  readonly now: number;
  readonly interval: number;
}

/** The pane below the list, exactly `lines` lines of `cells` cells. */
export function drawDetails(row: Row | undefined, context: DetailsContext): SafeText[] {
  if (context.lines <= 0) return [];
  const lines = row === undefined ? [] : drawFor(row, context);
  const blank = spaces(context.cells);
  return Array.from({ length: context.lines }, (_, i) => lines[i] ?? blank);
}

function drawFor(row: Row, context: DetailsContext): SafeText[] {
  if (row.kind === 'domain') return drawDomain(row.domain, row.connection, context);
  const { status } = row.connection;
  if (status.state === 'failed' || status.state === 'reconnecting') {
    return drawError(row.connection, status.error, context);
  }
  if (row.connection.info === undefined) return drawClosed(row.connection, context);
  return drawHost(row.connection, context);
}

function drawDomain(domain: Domain, connection: Connection, context: DetailsContext): SafeText[] {
  const { look, cells, lines } = context;
  const { details } = domain;
  const facts = [
    details?.title ?? details?.os,
    domain.vcpus === undefined ? undefined : `${domain.vcpus} vCPU`,
    domain.memoryMaximum === undefined ? undefined : kib(domain.memoryMaximum),
    ...networkFacts(details),
    domain.startedAt === undefined ? undefined : `up ${duration(context.now - domain.startedAt)}`,
    stateFact(domain),
    domain.managedSave ? 'saved state' : undefined,
    domain.autostart ? 'autostart' : undefined,
    domain.persistent ? undefined : 'transient',
    `on ${connection.name}`,
  ];
  const head = look.line(factParts(domain.name, facts, look), cells);
  const interval = context.interval;
  const ended = !isActive(domain);
  const cpu = {
    title: 'guest CPU',
    samples: domain.history.cpuGuest.tail(cells),
    unit: ' %',
    scale: percentScale,
    format: percent,
    interval,
    ended,
    absent: absentText(domain, 'cpu', connection.info?.type),
  };
  const memory = {
    ...memoryChart(domain.history.memory.tail(cells), domain.memoryCurrent ?? domain.memoryMaximum, interval),
    ended,
    absent: absentText(domain, 'balloon', connection.info?.type),
  };
  return [head, ...charts([cpu, memory], cells, lines - 1, look)];
}

/** The state of what does not simply run, and why. */
function stateFact({ state, reason }: Domain): string | undefined {
  const runs = state === DomainState.running && notableReason(state, reason) === undefined;
  return runs ? undefined : stateWithReason(state, reason);
}

function networkFacts(details: DomainDetails | undefined): string[] {
  if (details === undefined) return [];
  const sources = [...new Set(details.interfaces.map(({ source }) => source))].slice(0, 2);
  const reach = reachOf(details);
  const usable = details.addresses.filter(({ beyond }) => beyond === undefined).slice(0, 2);
  const addresses = usable.map(({ address, source }) => `${address} ${source}`);
  const other = reach === undefined || reach.kind === 'address' ? [] : [reachText(reach)];
  return [[...sources, ...addresses, ...other].join(' ')].filter(Boolean);
}

function drawHost(connection: Connection, context: DetailsContext): SafeText[] {
  const { look, cells, lines } = context;
  const { info, load } = connection;
  const silent = tellsNoLoad(connection, context.now, context.interval);
  const absent = silent ? `not told by ${info?.type ?? 'the host'}` : undefined;
  const version = typeof info?.hypervisorVersion === 'string' ? ` ${info.hypervisorVersion}` : '';
  const facts = [
    connection.uri,
    info && `${info.type}${version}`,
    info && `libvirt ${info.libvirtVersion}`,
    info && `${info.cpus} CPU ${info.cpuModel}`,
    info && kib(info.memory),
  ];
  const head = look.line(factParts(info?.hostname ?? connection.name, facts, look), cells);
  const cpu = {
    title: 'host CPU',
    samples: load.cpu.tail(cells),
    unit: ' %',
    scale: percentScale,
    format: percent,
    interval: context.interval,
    absent,
  };
  const memory = { ...memoryChart(load.memoryUsed.tail(cells), load.memoryTotal, context.interval), absent };
  return [head, ...charts([cpu, memory], cells, lines - 1, look)];
}

function memoryChart(samples: readonly number[], total: number | undefined, interval: number) {
  return {
    title: 'memory',
    samples,
    unit: '',
    scale: (highest: number) => Math.max(total ?? 0, highest, 1),
    format: (value: number) => kib(value).replace(/ ?([KMGTP])iB$/, '$1'),
    interval,
  };
}

/** One chart, or two side by side where each keeps a readable width. */
function charts(
  inputs: Parameters<typeof drawChart>[0][],
  cells: number,
  lines: number,
  look: Look,
): SafeText[] {
  const [first, second] = inputs;
  if (first === undefined) return [];
  if (second === undefined || cells < 110) return drawChart(first, cells, lines, look);
  const gap = 3;
  const left = Math.floor((cells - gap) / 2);
  const a = drawChart(first, left, lines, look);
  const b = drawChart(second, cells - gap - left, lines, look);
  return a.map((line, i) => literal`${line}${spaces(gap)}${b[i] ?? literal``}`);
}

function drawError(connection: Connection, error: LibvirtError, context: DetailsContext): SafeText[] {
  const { look, cells } = context;
  const head = look.line(factParts(connection.name, [uriOf(connection)], look), cells);
  const message = paragraph(error.message, context).map((line) => look.paint('bad', line));
  const hint = error.hint === undefined ? [] : paragraph(error.hint, context);
  const next =
    connection.status.state === 'failed'
      ? paragraph(`Press ${look.glyphs.keys.enter} to try again.`, context)
      : [];
  return [head, ...message, ...hint, ...next];
}

function drawClosed(connection: Connection, context: DetailsContext): SafeText[] {
  const { look, cells } = context;
  const head = look.line(factParts(connection.name, [uriOf(connection)], look), cells);
  const action =
    connection.status.state === 'disconnected' ? [`Press ${look.glyphs.keys.enter} to connect.`] : [];
  return [head, ...action.flatMap((text) => paragraph(text, context))];
}

/** The URI, where the name does not say it already. */
function uriOf({ name, uri }: Connection): string | undefined {
  return uri === name ? undefined : uri;
}

function factParts(name: string, facts: readonly (string | undefined)[], look: Look): Part[] {
  const known = facts.filter((fact): fact is string => fact !== undefined && fact !== '');
  const parts: Part[] = [[name, 'title']];
  for (const [i, fact] of known.entries())
    parts.push([`${i === 0 ? '   ' : ` ${look.glyphs.separator} `}${fact}`]);
  return parts;
}

function paragraph(text: string, { look, cells, lines }: DetailsContext): SafeText[] {
  return wrap(look.text(text), cells, lines).map((line) => look.fit(line, cells));
}
