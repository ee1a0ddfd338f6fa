import type { Connection } from '../../../inventory/types.js';
import type { LibvirtError } from '../../../libvirt/errors.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import { literal, type SafeText, safe } from '../../../text/safe.js';
import { kib, percent } from '../../../text/units.js';
import { spaces, wrap } from '../../../text/width.js';
import { type ChartInput, drawChart, percentScale } from '../../kit/chart.js';
import { drawFacts } from '../../kit/facts.js';
import type { Size } from '../../kit/size.js';
import { sparkline } from '../../kit/sparkline.js';
import { tellsNoLoad } from '../../services/host-load.js';
import { summarize } from '../../services/latency.js';
import type { Look, Part } from '../../theme/look.js';
import { withoutStyles } from '../../theme/styles.js';
import { connectionFacts, hostFacts } from './overview-facts.js';

export interface OverviewContext {
  readonly look: Look;
  readonly size: Size;
  readonly now: number;
  /** Milliseconds between two samples. */
  readonly interval: number;
}

const gap = 3;
/** From here on the two groups of facts stand side by side. */
const twoColumns = 110;
/** Below this a chart says too little to be worth its frame. */
const narrowestChart = 34;
const lowestChart = 5;
/** So high a chart is worth a line of its own. */
const roomyChart = 9;
const labelCells = 14;

/** All lines of the overview, as many as it takes; the charts fill what the facts leave of the screen. */
export function drawOverview(
  connection: Connection,
  saved: ConnectionSetting | undefined,
  context: OverviewContext,
): SafeText[] {
  const { look, size } = context;
  const trouble = troubleLines(connection, context);
  const facts = [
    ...sideBySide(hostFacts(connection), connectionFacts(connection, saved, context.now), size.columns, look),
    ...latencyLine(connection, size.columns, look),
  ];
  if (connection.info === undefined) return [...trouble, ...facts];
  // On a small screen the charts' titles are parting enough.
  const parting = size.rows < 24 ? [] : [spaces(size.columns)];
  if (tellsNoLoad(connection, context.now, context.interval)) {
    const text = 'Host CPU and memory: n/a, the driver does not tell them.';
    return [...trouble, ...facts, look.line([[text, 'faint']], size.columns)];
  }
  const above = [...trouble, ...facts, ...parting];
  const charts = drawCharts(connection, Math.max(lowestChart, size.rows - above.length), context);
  // What is old is dim, as on the Manager.
  const lines = connection.stale
    ? charts.map((line) => look.paint('faint', safe(withoutStyles(line))))
    : charts;
  return [...above, ...lines];
}

function sideBySide(
  left: ReturnType<typeof hostFacts>,
  right: ReturnType<typeof connectionFacts>,
  cells: number,
  look: Look,
): SafeText[] {
  if (cells < twoColumns) return drawFacts([...left, ...right], cells, look);
  const half = Math.floor((cells - gap) / 2);
  const a = drawFacts(left, half, look);
  const b = drawFacts(right, cells - gap - half, look);
  return Array.from(
    { length: Math.max(a.length, b.length) },
    (_, at) => literal`${a[at] ?? spaces(half)}${spaces(gap)}${b[at] ?? spaces(cells - gap - half)}`,
  );
}

/** The newest calls, one a cell, the slowest as a full one. */
function latencyLine({ metrics }: Connection, cells: number, look: Look): SafeText[] {
  const summary = metrics && summarize(metrics.latencies);
  if (metrics === undefined || summary === undefined) return [];
  const samples = metrics.latencies.slice(-(cells - labelCells));
  const curve = sparkline(samples, samples.length, look.glyphs.spark, Math.max(summary.highest, 1));
  return [
    look.line(
      [
        [look.fit('Newest calls', labelCells), 'faint'],
        [curve, 'chart'],
      ],
      cells,
    ),
  ];
}

/** The host's CPU and memory: each over the whole width where there is height, else beside each other. */
function drawCharts(
  connection: Connection,
  height: number,
  { look, size, interval }: OverviewContext,
): SafeText[] {
  const cells = size.columns;
  const charts = chartsOf(connection, interval);
  const stacked = Math.floor(height / charts.length);
  if (stacked >= roomyChart) return charts.flatMap((chart) => drawChart(chart, cells, stacked, look));
  const width = Math.floor((cells - gap) / 2);
  if (width < narrowestChart) {
    const lines = Math.max(lowestChart, stacked);
    return charts.flatMap((chart) => drawChart(chart, cells, lines, look));
  }
  const [left = [], right = []] = charts.map((chart, at) =>
    drawChart(chart, at === 0 ? width : cells - gap - width, height, look),
  );
  return left.map((line, at) => literal`${line}${spaces(gap)}${right[at] ?? literal``}`);
}

function chartsOf({ load, info }: Connection, interval: number): readonly ChartInput[] {
  const total = load.memoryTotal ?? info?.memory;
  return [
    {
      title: 'host CPU',
      samples: load.cpu.tail(),
      unit: ' %',
      scale: percentScale,
      format: percent,
      interval,
    },
    {
      title: 'host memory',
      samples: load.memoryUsed.tail(),
      unit: total === undefined ? '' : ` of ${kib(total)}`,
      scale: (highest) => Math.max(total ?? 0, highest, 1),
      format: (value) => kib(value).replace(/ ?([KMGTP])iB$/, '$1'),
      interval,
    },
  ];
}

/** Why there is no connection, what to do about it, and how old the values below are. */
function troubleLines(connection: Connection, context: OverviewContext): SafeText[] {
  const { status, info, stale } = connection;
  const { enter } = context.look.glyphs.keys;
  const next: Readonly<Record<typeof status.state, string | undefined>> = {
    disconnected: `Not connected. ${enter} connects.`,
    connecting: undefined,
    connected: stale ? 'The host does not answer.' : undefined,
    reconnecting: `${enter} tries again at once, x gives up.`,
    failed: `${enter} tries again.`,
  };
  const error = status.state === 'failed' || status.state === 'reconnecting' ? status.error : undefined;
  const old = stale && info !== undefined ? 'The values below are the last known ones.' : undefined;
  const advice = [next[status.state], old].filter((text) => text !== undefined).join(' ');
  const parts: Part[] = [...errorParts(error), ...(advice === '' ? [] : [[advice] as const])];
  const { look, size } = context;
  const lines = parts.flatMap(([text, style = 'plain']) =>
    wrap(look.text(text), size.columns).map((line) => look.line([[line, style]], size.columns)),
  );
  return lines.length === 0 ? [] : [...lines, spaces(size.columns)];
}

function errorParts(error: LibvirtError | undefined): Part[] {
  if (error === undefined) return [];
  const hint: Part[] = error.hint === undefined ? [] : [[error.hint]];
  return [[`Error: ${error.message}`, 'bad'], ...hint];
}
