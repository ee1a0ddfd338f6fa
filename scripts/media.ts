// `npm run media`: draws the screens of media/ anew, from the built program on a simulated host.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVirtdeck } from '../test/support/program.js';
import type { Terminal } from '../test/support/terminal.js';

interface Shot {
  readonly name: string;
  /** Keys to press one after the other, each with what must be on the screen before the next. */
  readonly steps: readonly (readonly [keys: string, shows: string | RegExp])[];
  /** Milliseconds for charts to fill. */
  readonly fill: number;
}

const columns = 110;
const rows = 32;
const cell = { width: 8.4, height: 17 } as const;

const shots: readonly Shot[] = [
  { name: 'manager', steps: [['jj', /vCPU/]], fill: 45_000 },
  {
    name: 'domain',
    steps: [
      ['/db-1\r', '1 found'],
      ['G\r', 'Overview'],
      ['2', '[Performance]'],
    ],
    fill: 30_000,
  },
];

/** The 16 colours of a dark terminal, by number. */
const palette = [
  '#1e1e1e',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#d4d4d4',
  '#5c6370',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#ffffff',
];

const home = await mkdtemp(join(tmpdir(), 'virtdeck-media-'));
try {
  const terminal = openVirtdeck(['-c', 'lab://stardust/?seed=7'], {
    cols: columns,
    rows,
    env: { XDG_CONFIG_HOME: home },
  });
  await terminal.waitFor('running');
  for (const { name, steps, fill } of shots) {
    for (const [keys, shows] of steps) {
      terminal.send(keys);
      await terminal.waitFor(shows);
    }
    await new Promise((resolve) => setTimeout(resolve, fill));
    await writeFile(join(import.meta.dirname, '..', 'media', `${name}.svg`), svgOf(terminal, name));
  }
  await terminal.close();
} finally {
  await rm(home, { recursive: true });
}

/** The screen as a picture: one text a run of cells of one style, placed to the cell. */
function svgOf(terminal: Terminal, name: string): string {
  const width = columns * cell.width;
  const height = rows * cell.height + 8;
  const lines = Array.from({ length: rows }, (_, y) => runsOf(terminal, y)).flat();
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">`,
    `<title>Virtdeck: the ${name} screen</title>`,
    `<rect width="${width}" height="${height}" rx="6" fill="${palette[0]}"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function runsOf(terminal: Terminal, y: number): string[] {
  const runs: { x: number; text: string; style: string; inverse: boolean }[] = [];
  for (let x = 0; x < columns; x += 1) {
    const { text, dim, bold, inverse, color } = terminal.cell(x, y);
    const fill = inverse ? palette[0] : (palette[color] ?? palette[7]);
    const style = `fill="${fill}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
    const last = runs.at(-1);
    if (last !== undefined && last.style === style && last.inverse === inverse) last.text += text || ' ';
    else runs.push({ x, text: text || ' ', style, inverse });
  }
  return runs.flatMap(({ x, text, style, inverse }) => {
    if (text.trim() === '' && !inverse) return [];
    const left = (x * cell.width).toFixed(1);
    const length = ([...text].length * cell.width).toFixed(1);
    const back = `<rect x="${left}" y="${y * cell.height + 4}" width="${length}" height="${cell.height}" fill="${palette[7]}"/>`;
    const words = `<text x="${left}" y="${(y + 1) * cell.height}" ${style} textLength="${length}" xml:space="preserve">${escaped(text)}</text>`;
    return inverse ? [back, words] : [words];
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
