import { hour as hourOfMeans } from '../../../inventory/domain-meter.js';
import type { Ring } from '../../../inventory/ring.js';
import type { Domain } from '../../../inventory/types.js';
import { isActive } from '../../../libvirt/domain-state.js';
import type { StatsGroup } from '../../../libvirt/hypervisor.js';
import { joined, literal, type SafeText } from '../../../text/safe.js';
import { kib, percent, rate } from '../../../text/units.js';
import { spaces } from '../../../text/width.js';
import { absentText, type ChartInput, drawChart, percentScale } from '../../kit/chart.js';
import { sparkline } from '../../kit/sparkline.js';
import type { Look } from '../../theme/look.js';

/** What the charts need besides the domain. */
export interface PerformanceContext {
  readonly look: Look;
  readonly cells: number;
  readonly height: number;
  /** Milliseconds between two samples. */
  readonly interval: number;
  /** The last hour by means in place of the last minutes by samples. */
  readonly hour: boolean;
  /** The hypervisor's type, e.g. "QEMU". */
  readonly driver: string | undefined;
}

const ticksInMean = hourOfMeans.over;
const gap = 3;
/** Below this a chart says too little to be worth its frame. */
const narrowest = 34;
const lowest = 5;

/** The charts of a domain, as many side by side as keep a readable width, then its vCPUs one a line. */
export function drawPerformance(domain: Domain, context: PerformanceContext): SafeText[] {
  const { look, cells, height } = context;
  const charts = chartsOf(domain, context);
  const columns = Math.max(1, Math.min(3, Math.floor((cells + gap) / (narrowest + gap))));
  const rows = Math.min(Math.ceil(charts.length / columns), Math.max(1, Math.floor(height / lowest)));
  const vcpus = drawVcpus(domain, context);
  const spare = Math.max(0, height - rows * lowest);
  const shownVcpus = vcpus.slice(0, Math.min(vcpus.length, Math.floor(spare / 2)));
  const chartHeight = Math.min(15, Math.floor((height - shownVcpus.length) / rows));
  const width = Math.floor((cells - gap * (columns - 1)) / columns);
  const lines: SafeText[] = [];
  for (let row = 0; row < rows; row += 1) {
    const drawn = charts
      .slice(row * columns, (row + 1) * columns)
      .map((chart) => drawChart(chart, width, chartHeight, look));
    for (let at = 0; at < chartHeight; at += 1) {
      const line = joined(
        drawn.map((chart) => chart[at] ?? literal``),
        spaces(gap),
      );
      const used = drawn.length * width + (drawn.length - 1) * gap;
      lines.push(literal`${line}${spaces(cells - used)}`);
    }
  }
  const blank = spaces(cells);
  return Array.from({ length: height }, (_, at) => [...lines, ...shownVcpus][at] ?? blank);
}

function chartsOf(domain: Domain, { hour, interval: tick, driver }: PerformanceContext): ChartInput[] {
  const { history } = domain;
  const interval = hour ? tick * ticksInMean : tick;
  const samples = (ring: Ring): number[] => (hour ? (ring.means?.tail() ?? []) : ring.tail());
  const ended = !isActive(domain);
  const absent = (group: StatsGroup) => absentText(domain, group, driver);
  const share = { unit: ' %', scale: percentScale, format: percent, interval, ended };
  const speed = { unit: '', scale: rateScale, format: shortRate, interval, ended };
  return [
    { title: 'guest CPU', samples: samples(history.cpuGuest), absent: absent('cpu'), ...share },
    {
      title: 'memory',
      samples: samples(history.memory),
      unit: domain.memoryCurrent === undefined ? '' : ` of ${kib(domain.memoryCurrent)}`,
      scale: (highest) => Math.max(domain.memoryCurrent ?? domain.memoryMaximum ?? 0, highest, 1),
      format: shortSize,
      interval,
      ended,
      absent: absent('balloon'),
    },
    { title: 'disk read', samples: samples(history.diskRead), absent: absent('block'), ...speed },
    { title: 'disk write', samples: samples(history.diskWrite), absent: absent('block'), ...speed },
    { title: 'received', samples: samples(history.netReceive), absent: absent('interface'), ...speed },
    { title: 'sent', samples: samples(history.netSend), absent: absent('interface'), ...speed },
  ];
}

/** One line a vCPU: how busy now, and its last minutes. */
function drawVcpus(domain: Domain, { look, cells }: PerformanceContext): SafeText[] {
  return (domain.vcpuHistory ?? []).map((ring, number) => {
    const label = look.fit(`vCPU ${number}`, 9);
    const last = isActive(domain) ? ring.last : undefined;
    const now = look.fit(last === undefined ? look.glyphs.unknown : `${percent(last)} %`, 6, 'right');
    const room = Math.max(0, cells - 17);
    const curve = sparkline(ring.tail(room), room, look.glyphs.spark);
    return look.line([[label, 'faint'], [now], ['  '], [curve, 'chart']], cells);
  });
}

/** 1, 2 or 5 times a power of ten, so that the scale seldom changes. */
function rateScale(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1000)));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => highest <= top) ?? highest;
}

/** "12M/s" in place of "12 MB/s": the axis has six cells. */
function shortRate(value: number): string {
  return rate(value).replace(/ ?([kMGT]?)B\/s$/, '$1/s');
}

function shortSize(value: number): string {
  return kib(value).replace(/ ?([KMGTP])iB$/, '$1');
}
