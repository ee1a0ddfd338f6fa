import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConnectionSetting } from '../../../../source/settings/settings.js';
import { SettingsError } from '../../../../source/settings/settings-error.js';
import {
  autoconnect,
  connect,
  disconnect,
  remove,
} from '../../../../source/tui/screens/connection/connection-changes.js';
import { memorySettings } from '../../../../source/tui/services/settings-port.js';
import { PaneBed } from './bed.js';

const mine: ConnectionSetting = { name: 'mine', uri: 'qemu:///system', autoconnect: true };

let bed: PaneBed;

function setUp(connections: readonly ConnectionSetting[] = []): void {
  bed = new PaneBed({ settings: { connections } });
}

/** A host that a file which cannot be written answers. */
function broken(): PaneBed['host'] {
  const { current, proposed } = memorySettings({ connections: [mine] });
  const update = () => Promise.reject(new SettingsError('broken', '/c.yaml has errors'));
  return { ...bed.host, settings: { current, update, proposed } };
}

const saved = () => bed.host.settings.current().connections;
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  bed.panes.dispose();
  vi.useRealTimers();
});

it.each([
  [{ state: 'connected', since: 0 }, 'success: mine: disconnected'],
  [{ state: 'connecting', since: 0 }, 'success: mine: no more attempts to connect'],
  [{ state: 'disconnected' }, 'warning: mine is not connected.'],
] as const)('disconnect where it is %j', (status, said) => {
  setUp();
  const host = bed.inventory.addHost('mine', [], { status });
  disconnect(bed.host, host);
  expect(bed.said).toBe(said);
  expect(bed.inventory.calls).toEqual(said.startsWith('warning') ? [] : ['disconnect c1']);
});

it('connect takes back what was said when the connection was ended', () => {
  setUp();
  const host = bed.inventory.addHost('mine', []);
  disconnect(bed.host, host);
  connect(bed.host, host);
  expect(bed.said).toBe('');
  expect(bed.inventory.calls).toEqual(['disconnect c1', 'connect c1']);
});

it('autoconnect goes on and off in the settings', async () => {
  setUp([mine]);
  const host = bed.inventory.addHost('mine', []);
  autoconnect(bed.host, host);
  await settled();
  expect(saved()).toEqual([{ ...mine, autoconnect: false }]);
  expect(bed.said).toBe('success: mine: autoconnect off');
  autoconnect(bed.host, host);
  await settled();
  expect(saved()).toEqual([mine]);
});

it('autoconnect puts a connection into the settings that is not there yet', async () => {
  setUp([{ name: 'stardust', uri: 'lab:///', autoconnect: false }]);
  const proposed = bed.inventory.addHost('stardust', []);
  autoconnect(bed.host, proposed);
  await settled();
  expect(saved().slice(1)).toEqual([{ name: 'stardust-2', uri: 'qemu:///system', autoconnect: true }]);
  expect(bed.said).toBe('success: stardust: autoconnect on; added to the settings as stardust-2');
  // From now on it is the one, by its URI.
  autoconnect(bed.host, proposed);
  await settled();
  expect(saved()[1]?.autoconnect).toBe(false);
});

it('autoconnect names a connection that has no name but its URI', async () => {
  setUp();
  const uri = 'qemu+ssh://root@box.example/system';
  autoconnect(bed.host, bed.inventory.addHost(uri, [], { uri }));
  await settled();
  expect(saved()).toEqual([{ name: 'box.example', uri, autoconnect: true }]);
});

it('autoconnect never saves a password', async () => {
  setUp();
  const uri = 'qemu+ssh://root:hunter2@box/system';
  autoconnect(bed.host, bed.inventory.addHost('box', [], { uri }));
  await settled();
  expect(saved()).toEqual([]);
  expect(bed.said).toMatch(/^error: box cannot be saved: a URI may not contain a password/);
  expect(bed.said).not.toContain('hunter2');
});

it('an entry of the same URI that is another connection of the list is left alone', async () => {
  setUp([mine]);
  bed.inventory.addHost('mine', []);
  const other = bed.inventory.addHost('stardust', []);
  autoconnect(bed.host, other);
  await settled();
  expect(saved()).toEqual([mine, { name: 'stardust', uri: mine.uri, autoconnect: true }]);
  remove(bed.host, other);
  bed.answer(true);
  await settled();
  expect(saved()).toEqual([mine]);
});

it('remove asks, names the connection, and No changes nothing', async () => {
  setUp([mine]);
  remove(bed.host, bed.inventory.addHost('mine', []));
  const { question } = bed.ui.getState();
  expect(question).toMatchObject({ choice: 'no' });
  expect(question?.lines.join('\n')).toMatch(/Connection +mine\nURI +qemu:\/\/\/system/);
  bed.answer(false);
  await settled();
  expect(saved()).toEqual([mine]);
  expect(bed.inventory.calls).toEqual([]);
});

it('remove takes it off the list and out of the settings', async () => {
  setUp([mine]);
  remove(bed.host, bed.inventory.addHost('mine', []));
  bed.answer(true);
  await settled();
  expect(saved()).toEqual([]);
  expect(bed.connections()).toEqual([]);
  expect(bed.said).toBe('success: mine: removed');
});

it('one that was never saved only goes off the list', async () => {
  setUp([mine]);
  remove(bed.host, bed.inventory.addHost('lab', [], { uri: 'lab:///' }));
  bed.answer(true);
  await settled();
  expect(saved()).toEqual([mine]);
  expect(bed.said).toBe('success: lab: removed');
});

it('what the file refuses counts for this run, and that is said', async () => {
  setUp([mine]);
  const host = bed.inventory.addHost('mine', []);
  autoconnect(broken(), host);
  await settled();
  expect(bed.said).toBe('error: mine: autoconnect off, but only until the program ends: /c.yaml has errors');
  remove(broken(), host);
  bed.answer(true);
  await settled();
  expect(bed.said).toBe('error: mine: removed, but only until the program ends: /c.yaml has errors');
  expect(bed.connections()).toEqual([]);
});
