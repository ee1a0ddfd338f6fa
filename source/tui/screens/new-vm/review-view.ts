import type { Finding, MachinePlan, Plan, Step } from '../../../provision/plan.js';
import type { VmRequest } from '../../../provision/request/vm-request.js';
import type { SafeText } from '../../../text/safe.js';
import { bytes } from '../../../text/size.js';
import { spaces } from '../../../text/width.js';
import { drawXml, xmlLines } from '../../kit/xml-view.js';
import type { Look } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import { namesText } from './creation-text.js';
import type { FieldPlace } from './field-places.js';
import { wrapped } from './progress-view.js';
import { sourceText } from './sources.js';

/** Something that was found, with the place where it is put right. */
export interface ReviewItem {
  readonly level: Finding['level'];
  readonly message: string;
  readonly fix: string | undefined;
  readonly place: FieldPlace | undefined;
}

const marks: Readonly<Record<Finding['level'], readonly [word: string, style: StyleName]>> = {
  error: ['Error: ', 'bad'],
  warning: ['Warning: ', 'warning'],
  note: ['', 'plain'],
};

/** The items' lines, and where each begins. */
export function itemLines(
  items: readonly ReviewItem[],
  selected: number,
  cells: number,
  look: Look,
): { readonly lines: readonly SafeText[]; readonly starts: readonly number[] } {
  const lines: SafeText[] = [];
  const starts: number[] = [];
  for (const [at, { level, message, fix }] of items.entries()) {
    starts.push(lines.length);
    const [word, style] = marks[level];
    const pointer = at === selected ? '> ' : '  ';
    const text = wrapped(word + message, cells, 2, at === selected ? 'selected' : style, look, pointer);
    lines.push(...text, ...(fix === undefined ? [] : wrapped(fix, cells, 4, 'faint', look)));
  }
  return { lines, starts };
}

/**
 * "web-1   2 vCPUs   2 GiB   disk 10 GiB on Debian 12   default"
 *
 * @param poolNote why it is that pool
 */
export function summaryLines(
  requests: readonly VmRequest[],
  poolNote: string | undefined,
  cells: number,
  look: Look,
): readonly SafeText[] {
  const [request] = requests;
  if (request === undefined) return [];
  const { vcpus, memory, disk, source, pool, network } = request;
  const size = disk?.size === undefined ? '' : `${bytes(disk.size)} disk, `;
  const plugged = network === undefined ? '' : 'name' in network ? network.name : `${network.kind}`;
  const words = [
    namesText(requests.map(({ name }) => name)),
    `${vcpus} vCPU`,
    memory === undefined ? '' : bytes(memory),
    `${size}${sourceText(source)}`,
    plugged === '' ? '' : `network ${plugged}`,
    pool === undefined ? '' : `pool ${pool}${poolNote === undefined ? '' : ` (${poolNote})`}`,
  ];
  return wrapped(
    words.filter((word) => word !== '').join(`  ${look.glyphs.separator}  `),
    cells,
    0,
    'heading',
    look,
  );
}

/** What will be done, the XML and the seed's files. */
export function planLines(
  { shared, machines }: Plan,
  edited: boolean,
  cells: number,
  look: Look,
): readonly SafeText[] {
  const blank = spaces(cells);
  const heading = (text: string): SafeText[] => [blank, look.line([[text, 'heading']], cells)];
  const several = machines.length > 1;
  const [first] = machines;
  return [
    ...heading('Steps'),
    ...stepLines(shared, '', cells, look),
    ...machines.flatMap(({ name, steps }) => stepLines(steps, several ? `${name}: ` : '', cells, look)),
    ...(first === undefined
      ? []
      : [
          ...heading(`Domain XML${several ? ` of ${first.name}` : ''}${edited ? ', as edited' : ''}`),
          ...textLines(first.domainXml, cells, look),
          ...seedLines(first, heading, cells, look),
        ]),
  ];
}

function stepLines(steps: readonly Step[], whose: string, cells: number, look: Look): SafeText[] {
  return steps.flatMap(({ title }) => wrapped(whose + title, cells, 4, 'plain', look, '  - '));
}

function seedLines(
  { seedFiles }: MachinePlan,
  heading: (text: string) => SafeText[],
  cells: number,
  look: Look,
): SafeText[] {
  return [...seedFiles].flatMap(([path, text]) => [
    ...heading(`${path} of the seed; what looks like a secret is masked`),
    ...text
      .trimEnd()
      .split('\n')
      .flatMap((line) => wrapped(line.replaceAll('\t', '  '), cells, 2, 'plain', look)),
  ]);
}

function textLines(xml: string, cells: number, look: Look): SafeText[] {
  const lines = xmlLines(xml.trimEnd(), look).map((line) => `  ${line}`);
  return drawXml(lines, '', cells, look);
}
