import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  circlesIn,
  floorViolationsBelow,
  floorViolationsIn,
  importsOf,
  sourceFiles,
  violationsBelow,
  violationsIn,
} from './support/rooms.js';

const root = join(import.meta.dirname, '..');

test('no room imports against the order', () => {
  const violations = violationsBelow(root).map(
    ({ file, imported, reason }) => `${file}: '${imported}': ${reason}`,
  );
  expect(violations).toEqual([]);
  expect(sourceFiles(root).length).toBeGreaterThan(10);
});

test.each([
  ['source/wire/channel.ts', '../libvirt/errors.js', 'wire may not import libvirt'],
  ['source/transport/unix.ts', '../inventory/types.js', 'transport may not import inventory'],
  ['source/lab/host.ts', '../transport/open.js', 'lab may not import transport'],
  ['source/lab/deep/host.ts', '../../inventory/types.js', 'lab may not import inventory'],
  ['source/lab/host.ts', '../hosts/opener.js', 'lab may not import hosts'],
  ['source/inventory/hosts.ts', '../hosts/opener.js', 'inventory may not import hosts'],
  ['source/settings/load.ts', '../libvirt/connection-uri.js', 'settings may not import libvirt'],
  ['source/commands/list.ts', '../tui/theme/look.js', 'commands may not import tui'],
  ['source/tui/app/app.tsx', '../../commands/list.js', 'tui may not import commands'],
  ['source/inventory/hosts.ts', '../tui/app/app.js', 'inventory may not import tui'],
  ['source/text/width.ts', '../wire/xdr.js', 'text may not import wire'],
  ['source/tui/app/app.tsx', '../../shared/thing.js', 'tui may not import shared'],
  ['source/tui/app/app.tsx', '../../../cli.js', 'tui may not import cli.js'],
])('finds %s importing %s', (file, imported, reason) => {
  const text = `import { thing } from '${imported}';\n`;
  expect(violationsIn(file, text)).toEqual([{ file, imported, reason }]);
});

test.each([
  ['source/tui/app/app.tsx', '../../inventory/types.js'],
  ['source/commands/list.ts', '../settings/load.js'],
  ['source/provision/plan.ts', '../wire/xdr.js'],
  ['source/wire/xdr.ts', '../text/safe.js'],
  ['source/wire/procedures/domain.ts', '../xdr.js'],
  ['source/lab/host.ts', '../libvirt/hypervisor.js'],
  ['source/wire/channel.ts', 'node:stream'],
  ['cli.tsx', './source/tui/app/start.js'],
])('lets %s import %s', (file, imported) => {
  expect(violationsIn(file, `import { thing } from '${imported}';\n`)).toEqual([]);
});

test('a folder that is no room may not exist', () => {
  const reason = 'is in none of the rooms of source/';
  expect(violationsIn('source/shared/a.ts', '')).toMatchObject([{ reason }]);
  expect(violationsIn('source/helpers.ts', '')).toMatchObject([{ reason }]);
});

test('sees every form of import, and none in a comment', () => {
  const text = `
import a from './a.js';
import type { B } from "./b.js";
import {
  c, // from './no.js'
  type C,
} from './c.js';
import './d.js';
export * from './e.js';
export { f } from './f.js';
export type { G } from './g.js';
const h = await import('./h.js');
// import x from './x.js';
/* import y from './y.js'; */
`;
  const names = ['a', 'b', 'c', 'e', 'f', 'g', 'd', 'h'];
  expect(importsOf(text).filter((name) => name !== './no.js')).toEqual(names.map((name) => `./${name}.js`));
});

test('no floor of the full-screen program imports a higher one, no screen the inside of another', () => {
  expect(floorViolationsBelow(root)).toEqual([]);
});

test.each([
  ['kit/table.ts', '../screens/tasks/tasks-pane.js', 'tui/kit may not import tui/screens'],
  ['services/tasks.ts', '../app/app.js', 'tui/services may not import tui/app'],
  ['screens/storage/x.ts', '../manager/layout.js', 'is the inside of the screen manager'],
  ['screens/storage/x.ts', '../domain/open-domain.js', undefined],
  ['screens/connection/x.ts', '../storage/storage-tab.js', undefined],
  ['screens/storage/x.ts', '../../kit/table.js', undefined],
  ['app/handlers.ts', '../screens/manager/model.js', undefined],
])('on the floors, %s importing %s: %s', (file, imported, reason) => {
  const path = `source/tui/${file}`;
  const found = floorViolationsIn(path, `import type { Thing } from '${imported}';\n`);
  expect(found.map((violation) => violation.reason)).toEqual(reason === undefined ? [] : [reason]);
});

test('no files import values of each other in a circle', () => {
  const texts = new Map(sourceFiles(root).map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  expect(circlesIn(texts)).toEqual([]);
});

test('sees a circle of values, and none where one of them is a type', () => {
  const a = `import { b } from './b.js';\n`;
  expect(
    circlesIn(
      new Map([
        ['source/a.ts', a],
        ['source/b.ts', `import { type T, a } from './a.js';\n`],
      ]),
    ),
  ).toEqual([['source/a.ts', 'source/b.ts', 'source/a.ts']]);
  expect(
    circlesIn(
      new Map([
        ['source/a.ts', a],
        ['source/b.ts', `import { type T } from './a.js';\n`],
      ]),
    ),
  ).toEqual([]);
});

test('XML is read in libvirt/xml/ only; the lab, a host, reads what it is sent by the same reader', () => {
  const readers = sourceFiles(root).filter((file) =>
    importsOf(readFileSync(join(root, file), 'utf8')).some((path) =>
      /(^|\/)(reader|element)\.js$/.test(path),
    ),
  );
  const elsewhere = readers.filter((file) => !file.startsWith('source/libvirt/xml/'));
  expect(elsewhere).toEqual(['source/lab/xml/tree.ts']);
});
