import { expect, test } from 'vitest';
import { putConnection } from '../../source/settings/connection-edits.js';
import { suggestName, uniqueName } from '../../source/settings/connection-names.js';
import { nameProblem } from '../../source/settings/connection-rules.js';
import { defaultSettings } from '../../source/settings/settings.js';

test.each([
  ['qemu:///system', 'qemu'],
  ['qemu+unix:///session?socket=/tmp/s', 'qemu'],
  ['qemu+ssh://root@box.example:22/system', 'box.example'],
  ['vpx://admin@vc/DC/host1', 'vc'],
  ['lab://big/?domains=9', 'big'],
  ['hail', 'connection'],
  ['', 'connection'],
  ['qemu://a\u001B[2Jb/system', 'connection'],
])('a name for %j', (uri, name) => {
  expect(suggestName(uri)).toBe(name);
  expect(nameProblem(suggestName(uri))).toBeUndefined();
});

test('a name that is taken gets a number', () => {
  expect(uniqueName('lab', [])).toBe('lab');
  expect(uniqueName('lab', ['lab', 'lab-2', 'lab-4'])).toBe('lab-3');
});

test('a connection is put in the place of the one of its name, or at the end', () => {
  const one = { name: 'a', uri: 'lab:///', autoconnect: false };
  const other = { name: 'b', uri: 'lab:///', autoconnect: true };
  const settings = putConnection(other)({ ...defaultSettings, connections: [one] });
  expect(settings.connections).toEqual([one, other]);
  const changed = putConnection({ ...one, autoconnect: true })(settings);
  expect(changed.connections).toEqual([{ ...one, autoconnect: true }, other]);
});
