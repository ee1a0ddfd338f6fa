import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { width } from '../../source/text/width.js';
import { fieldOf } from '../../source/tui/input/text-field.js';
import { drawMenu } from '../../source/tui/kit/menu-dialog.js';
import { drawQuestion } from '../../source/tui/kit/question-dialog.js';
import type { Menu, Question } from '../../source/tui/kit/ui-state.js';
import { Look } from '../../source/tui/theme/look.js';
import { Program } from './program.js';

vi.setConfig({ testTimeout: 60_000 });

let program: Program;

beforeEach(async () => {
  program = new Program();
  await vi.waitFor(() => expect(program.text).toContain('ad-2'), { timeout: 10_000 });
});

afterEach(() => program.close());

const enter = '\r';
const tab = '\t';
const question: Question = {
  title: 'Force off?',
  lines: ['It is like pulling the plug.'],
  yes: 'Force off',
  no: 'No',
  confirm: () => {},
  choice: 'no',
};
const menu: Menu = {
  title: 'Actions',
  field: fieldOf('漢字'),
  items: [{ text: 'start', note: 's', id: 'domain.s', choose: () => {} }],
  at: 0,
  keys: [['Esc', 'leave']],
};

/** A key, and what is on the screen once it has done its work: what it shows may have to be asked of the host. */
type Step = readonly [key: string, shows: RegExp];

const connection: readonly Step[] = [[enter, /Overview[\s\S]*libvirt/]];
const networks: readonly Step[] = [...connection, ['2', /virbr0/]];
const network: readonly Step[] = [...networks, [enter, /192\.168\.122/]];
const pools: readonly Step[] = [...connection, ['3', /GiB|TiB/]];
const volumes: readonly Step[] = [...pools, [enter, /qcow2/]];
const row: Step = ['j', /ad-1/];
const domain: readonly Step[] = [row, row, [enter, /UUID/]];
const wizard: readonly Step[] = [['c', /debian-12/]];
const sized: readonly Step[] = [...wizard, [enter, /vCPU/]];
const connected: readonly Step[] = [...sized, [enter, /\[Network/]];

/** How every screen and dialog is reached from the Manager, and what is to be seen of each step on the way. */
const places: readonly (readonly [name: string, ...steps: readonly Step[]])[] = [
  ['the Manager', row],
  ['the help', ['?', /On a domain/]],
  ['a filter', ['/', /of 24/], ['a', /of 24/]],
  ['the palette', [':', /sort by/]],
  ['the choice of columns', ['V', /\[x\]/]],
  ['a question', row, row, ['F', /Force off\?/]],
  ['the tasks', ['J', /Tasks/]],
  ['the form of a connection', ['a', /Add a connection/], [tab, /Over SSH/], [tab, /Add/], ['x', /Add/]],
  ['a domain', ...domain],
  ['the performance of a domain', ...domain, ['2', /memory/]],
  ['the XML of a domain', ...domain, ['3', /uuid/]],
  ['a search in the XML', ...domain, ['3', /uuid/], ['/', /uuid/], ['d', /\d/]],
  ['the help of a domain', ...domain, ['?', /On this screen/]],
  ['the deletion of a domain', row, row, ['D', /Delete/]],
  ['a connection', ...connection],
  ['the networks', ...networks],
  ['a network', ...network],
  ['the form of a network', ...networks, ['n', /Name/]],
  ['the pools', ...pools],
  ['the form of a pool', ...pools, ['n', /Name/]],
  ['the volumes', ...volumes],
  ['a volume', ...volumes, [enter, /Capacity|Path/]],
  ['the chain of a volume', ...volumes, ['b', /chain|tree|stands/i]],
  ['the form of a volume', ...volumes, ['n', /Name/]],
  ['the upload to a volume', ...volumes, ['u', /File/]],
  ['the clone of a volume', ...volumes, ['C', /Name/]],
  ['the deletion of a volume', ...volumes, ['D', /./]],
  ['the images of a new VM', ...wizard],
  ['the size of a new VM', ...sized],
  ['the network of a new VM', ...connected],
  ['the access to a new VM', ...connected, [enter, /\[Access/]],
  ['the review of a new VM', ...connected, [enter, /\[Access/], [enter, /\[Review/]],
];

test.each(places.map(([name, ...steps]) => ({ name, steps })))(
  '$name: drawn in windows of every size',
  async ({ steps }) => {
    for (const [key, shows] of steps) {
      await program.type(key);
      await shown(shows);
    }
    for (let columns = 1; columns <= 240; columns += 1) {
      program.resize(columns, columns % 2 === 0 ? 24 : 1 + ((columns * 7) % 40));
      // Dialogs and the help are drawn a turn later.
      await program.type();
    }
    await shown(steps.at(-1)?.[1] ?? /./);
    expect(program.code).toBeUndefined();
  },
);

/** Waits for it, looking at whole frames: of a change only the cells that differ are written. */
const shown = (expected: RegExp): Promise<void> =>
  vi.waitFor(
    async () => {
      program.resize(100, 30);
      await program.type();
      expect(program.text).toMatch(expected);
    },
    { timeout: 10_000 },
  );

test('a question and a menu have a place in windows of any size', () => {
  const look = new Look({ unicode: true, colors: 0 });
  for (let columns = 1; columns <= 240; columns += 1) {
    for (const rows of [1, 5, 24]) {
      const size = { columns, rows };
      for (const lines of [drawQuestion(question, look, size), drawMenu(menu, look, size)])
        expect(new Set(lines.map((line) => width(line))).size).toBe(1);
    }
  }
});

test('a question about a thing with an endless name still says what it is about', () => {
  const look = new Look({ unicode: true, colors: 0 });
  const lines = [`Force off ${'漢'.repeat(2 ** 21)}? Unsaved data is lost.`];
  const drawn = drawQuestion({ ...question, lines }, look, { columns: 80, rows: 24 });
  expect(drawn.length).toBeLessThanOrEqual(24);
  expect(drawn.join('\n')).toContain('Unsaved data is lost.');
});
