import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createOpener } from '../../../../source/hosts/opener.js';
import type { OpenHypervisor } from '../../../../source/inventory/host-connection.js';
import { LibvirtError } from '../../../../source/libvirt/errors.js';
import type { Hypervisor } from '../../../../source/libvirt/hypervisor.js';
import type { ConnectionSetting } from '../../../../source/settings/settings.js';
import { SettingsError } from '../../../../source/settings/settings-error.js';
import {
  openAddConnection,
  openEditConnection,
} from '../../../../source/tui/screens/add-connection/open-add-connection.js';
import { temporaryDirectories } from '../../../settings/temporary.js';
import { oddNames } from '../../odd-names.js';
import { type BedOptions, PaneBed } from '../connection/bed.js';

const temporary = temporaryDirectories();
let bed: PaneBed;

afterEach(() => bed.panes.dispose());

function open(options: BedOptions = {}): void {
  bed = new PaneBed(options);
  openAddConnection(bed.host);
}

const value = (label: string): string | undefined =>
  new RegExp(`^[> ] ${label} +(.*?) *$`, 'm').exec(bed.text)?.[1];
/** Number of the field in the form; the buttons come after the last. */
const local = ['type', 'ssh', 'name', 'autoconnect', 'uri', 'test', 'add', 'cancel'];
const remote = ['type', 'ssh', 'host', 'user', 'port', ...local.slice(2)];
/** From one stop to another, on a form that has these. */
const go = (from: string, stop: string, stops = local): void => {
  const steps = stops.indexOf(stop) - stops.indexOf(from);
  bed.press(...Array.from({ length: Math.abs(steps) }, () => (steps < 0 ? 'shift-tab' : 'tab')));
};
const to = (stop: string, stops = local): void => go('type', stop, stops);
/** The simulated lab and a custom URI are never over ssh. */
const onLab = local.filter((stop) => stop !== 'ssh');
const saved = (): readonly ConnectionSetting[] => bed.host.settings.current().connections;
const step = (name: string): string | undefined => new RegExp(`^ {2}${name} +(.*)$`, 'm').exec(bed.text)?.[1];
/** Waits until the screen says it. */
const shown = (text: string | RegExp) =>
  vi.waitFor(() => expect(bed.text).toMatch(text), { timeout: 5000, interval: 5 });

const lab: OpenHypervisor = createOpener();
const hanging: OpenHypervisor = (_uri, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      reject(new LibvirtError({ kind: 'aborted', message: 'given up' })),
    );
  });

it('offers the types with their URIs, and suggests a name that is not taken', () => {
  open({ settings: { connections: [{ name: 'lxc', uri: 'lxc:///system', autoconnect: true }] } });
  const offered = Array.from({ length: 11 }, () => {
    const both = [value('URI'), value('Name')];
    bed.press('right');
    return both;
  });
  expect(offered).toEqual([
    ['qemu:///system', 'qemu'],
    ['qemu:///session', 'session'],
    ['lxc:///system', 'lxc-2'],
    ['xen:///system', 'xen'],
    ['bhyve:///system', 'bhyve'],
    ['ch:///system', 'ch'],
    ['vbox:///session', 'vbox'],
    ['vz:///system', 'vz'],
    ['test:///default', 'test'],
    ['lab:///', 'lab'],
    ['lab:///', 'lab'],
  ]);
  expect(value('Hypervisor')).toContain('QEMU/KVM, system');
});

it('a URI that is typed or pasted makes it custom, and waits while another type is chosen', () => {
  open();
  to('uri');
  bed.press('ctrl-u');
  bed.paste('qemu+unix:///system?socket=/tmp/s\n');
  expect(value('Hypervisor')).toBe('custom URI');
  bed.press('shift-tab', 'shift-tab', 'shift-tab', 'left');
  expect(value('URI')).toBe('lab:///');
  bed.press('right');
  expect(value('URI')).toBe('qemu+unix:///system?socket=/tmp/s');
});

it('over SSH asks who logs in where, makes the URI of it, and keeps it while another type is chosen', () => {
  open();
  to('ssh');
  bed.press(' ');
  go('ssh', 'host', remote);
  bed.type('fe80::1%eth0');
  go('host', 'user', remote);
  bed.type('CORP@root');
  bed.press('tab');
  bed.type('2222');
  expect(value('URI')).toBe('qemu+ssh://CORP%40root@[fe80::1%25eth0]:2222/system');
  go('port', 'type', remote);
  bed.press('right', 'right');
  expect(value('URI')).toBe('lxc+ssh://CORP%40root@[fe80::1%25eth0]:2222/system');
  bed.press('left', 'left', 'left', 'left');
  expect(value('URI')).toBe('lab:///');
  expect(value('Host')).toBeUndefined();
});

it('a URI over SSH that is typed fills the fields, and one that says more than they can is a custom one', () => {
  open();
  to('uri');
  bed.press('ctrl-u');
  bed.paste('lxc+ssh://root@lab2:2222/system');
  expect([value('Hypervisor'), value('Host'), value('User'), value('Port'), value('Name')]).toEqual([
    'LXC containers',
    'lab2',
    'root  may be left to ssh',
    '2222  may be left to ssh',
    'lab2',
  ]);
  bed.type('?keyfile=/k');
  expect([value('Hypervisor'), value('Host')]).toEqual(['custom URI', undefined]);
  expect(value('URI')).toBe('lxc+ssh://root@lab2:2222/system?keyfile=/k');
});

it('hosts are suggested of ssh and of the connections that there are, and taken with user and port', async () => {
  const home = await temporary();
  await mkdir(join(home, '.ssh'));
  await writeFile(join(home, '.ssh/config'), 'Host nas lab2 *.example\n');
  open({
    settings: {
      connections: [{ name: 'old', uri: 'xen+ssh://root@old-lab:2222/system', autoconnect: false }],
    },
    environment: { HOME: home, XDG_CONFIG_HOME: '/nonexistent' },
  });
  to('ssh');
  bed.press(' ', 'tab');
  await shown('→ root@old-lab:2222  nas  lab2');
  bed.type('lab');
  expect(bed.text).toContain('→ lab2  root@old-lab:2222');
  expect(bed.lines.at(-1)).toContain('→ take the first');
  bed.press('ctrl-u');
  bed.type('old');
  bed.press('right');
  expect(value('URI')).toBe('qemu+ssh://root@old-lab:2222/system');
  bed.press('tab');
  expect([value('Host'), value('User'), value('Port')]).toEqual([
    'old-lab',
    expect.stringMatching(/^root/),
    expect.stringMatching(/^2222/),
  ]);
});

it.each([
  ['host', '', 'a host is needed'],
  ['host', '-oProxyCommand=x', 'is no name of a host for ssh'],
  ['host', 'lab2 x', 'is no name of a host for ssh'],
  ['host', 'lab2;x', 'is no name of a host for ssh'],
  ['user', '-l', 'is no name of a user for ssh'],
  ['user', 'a b', 'is no name of a user for ssh'],
  ['port', '70000', 'a port is a number from 1 to 65535'],
])('an odd %s, %j, is told at its field alone, and not tested', (field, text, told) => {
  const calls: string[] = [];
  open({
    columns: 120,
    open: (uri) => {
      calls.push(uri);
      return Promise.reject(new Error('no'));
    },
  });
  to('ssh');
  bed.press(' ', 'tab');
  if (field !== 'host') bed.type('lab2');
  go('host', field, remote);
  bed.type(text);
  go(field, 'test', remote);
  bed.press('enter');
  expect(bed.text.match(/! .*/g)).toEqual([expect.stringContaining(told)]);
  expect(bed.text).toMatch(new RegExp(`^> ${field}`, 'im'));
  expect(calls).toEqual([]);
});

it('a URI that is longer than its field is shown whole', () => {
  open({ columns: 120 });
  to('uri');
  bed.press('ctrl-u');
  bed.paste(`qemu+unix:///system?socket=/run/${'deep/'.repeat(6)}sock`);
  expect(bed.text).toContain(`The whole URI: qemu+unix:///system?socket=/run/${'deep/'.repeat(6)}sock`);
});

it('letters are text in the text fields and nowhere else', () => {
  open();
  expect(bed.panes.top()?.typing?.()).toBe(false);
  to('name');
  expect(bed.panes.top()?.typing?.()).toBe(true);
  bed.press('ctrl-u');
  bed.type('jq 漢');
  expect(value('Name')).toBe('jq 漢');
  bed.press('down', ' ');
  expect(value('Autoconnect')).toMatch(/^\[ \]/);
});

it('an emptied name is suggested again when another type is chosen', () => {
  open();
  to('name');
  bed.type('x');
  bed.press('up', 'up', 'right');
  expect(value('Name')).toBe('qemux');
  bed.press('down', 'down', 'ctrl-u', 'up', 'up', 'right');
  expect(value('Name')).toBe('lxc');
});

it.each([
  ['name', 'a/b', 'a name may not contain a slash'],
  ['name', 'taken', 'there is a connection named "taken" already'],
  ['uri', 'qemu+foo:///system', '"foo" is not a transport'],
  ['uri', 'lab:///?domains=many', 'domains'],
  ['uri', 'qemu+ssh://root:hunter2@box/system', 'a URI may not contain a password'],
  ['uri', '', 'a URI may not be empty'],
  ['uri', 'qemu+ssh://-oProxyCommand=x/system?proxy=auto', 'is no name of a host for ssh'],
  ['uri', 'LAB:///', 'the connection "taken" leads there already'],
])('a wrong %s, %j, is told at its field, and neither tested nor added', async (field, text, told) => {
  const calls: string[] = [];
  open({
    columns: 120,
    open: (uri) => {
      calls.push(uri);
      return Promise.reject(new Error('no'));
    },
    settings: { connections: [{ name: 'taken', uri: 'lab:///', autoconnect: true }] },
  });
  to(field);
  bed.press('ctrl-u');
  bed.type(text);
  expect(bed.text).not.toContain('! ');
  bed.press('tab');
  expect(bed.text).toContain('! ');
  expect(bed.text).toContain(told);
  bed.press(...local.slice(local.indexOf(field) + 1, local.indexOf('add')).map(() => 'tab'), 'enter');
  expect(bed.text).toMatch(new RegExp(`^> ${field === 'uri' ? 'URI' : 'Name'}`, 'm'));
  expect(bed.inventory.calls).toEqual([]);
  expect(calls).toEqual([]);
  expect(saved()).toHaveLength(1);
});

it('tells that what was only found here is kept with the first connection that is added', async () => {
  open();
  const proposed = [{ name: 'stardust', uri: 'qemu:///system', autoconnect: true }];
  bed.host.settings.proposed = () => proposed;
  bed.press('left', 'left');
  to('add', onLab);
  bed.press('enter');
  await vi.waitFor(() => expect(bed.panes.top()).toBeUndefined());
  expect(bed.said).toMatch(/^success: lab: added, and with it stardust \(qemu:\/\/\/system\)/);
});

it('a connection that is in the list already, by its URI, is saved and not shown twice', async () => {
  open();
  bed.inventory.addHost('given', []).uri = 'lab:///';
  bed.press('left', 'left');
  to('add', onLab);
  bed.press('enter');
  await vi.waitFor(() => expect(bed.panes.top()).toBeUndefined());
  expect(saved()).toHaveLength(1);
  expect(bed.inventory.calls.filter((call) => call.startsWith('add'))).toEqual([]);
  expect(bed.said).toMatch(/lab: added; it is in the list as given/);
});

it('Add saves, shows the connection, connects and closes', async () => {
  open();
  bed.press('left', 'left');
  to('add', onLab);
  bed.press('enter');
  await vi.waitFor(() => expect(bed.panes.top()).toBeUndefined());
  expect(saved()).toEqual([{ name: 'lab', uri: 'lab:///', autoconnect: true }]);
  expect(bed.inventory.calls).toEqual(['add lab lab:///', 'connect c1']);
  expect(bed.selected).toBe('c1');
  expect(bed.said).toBe('success: lab: added');
  // The next one begins afresh.
  openAddConnection(bed.host);
  expect(value('URI')).toBe('qemu:///system');
});

it('a test tells of each step', async () => {
  open({ open: lab });
  bed.press('left', 'left');
  to('test', onLab);
  bed.press('enter');
  await shown('The connection works.');
  expect(bed.text).toContain('Test of lab:///');
  expect(step('lab')).toMatch(/^ok +[\d.]+ m?s$/);
  expect(step('daemon')).toMatch(/^ok +[\d.]+ m?s$/);
  expect(step('host')).toMatch(/^ok +[\d.]+ m?s {2}lab, libvirt [\d.]+, QEMU/);
  expect(step('domains')).toMatch(/^ok +[\d.]+ m?s {2}\d+, \d+ active$/);
  expect(saved()).toEqual([]);
});

it('a test that fails says at which step, why, and what can be done', async () => {
  const error = new LibvirtError({
    kind: 'connect',
    code: 45,
    message: 'authentication failed:\u001B[31m polkit',
    cause: new Error('refused'),
  });
  open({
    open: async (_uri, { onStep }) => {
      onStep('waiting for authorization (polkit)');
      throw error;
    },
  });
  to('test');
  bed.press('enter');
  await shown('Error: authentication failed:·[31m polkit');
  expect(step('socket')).toMatch(/^ok +[\d.]+ m?s$/);
  expect(step('authorization')).toMatch(/^failed +[\d.]+ m?s {2}polkit$/);
  expect(step('opening')).toBe('–');
  expect(bed.text).toContain('Add yourself to the group libvirt');
});

it('a fault of the program is told like any failure', async () => {
  open();
  to('test');
  bed.press('enter');
  await shown('Error: no connection can be opened here');
  expect(step('socket')).toBe('failed');
});

it('a test that hangs holds up nothing; Esc stops it and stays', async () => {
  open({ open: hanging });
  to('test');
  bed.press('enter');
  expect(step('socket')).toBe('…');
  expect(bed.lines.at(-1)).toContain('Esc stop the test');
  // The form goes on meanwhile.
  bed.press('up', 'up', ' ');
  expect(value('Autoconnect')).toMatch(/^\[ \]/);
  expect(step('socket')).toBe('…');
  bed.press('escape');
  await shown('The test was cancelled.');
  expect(step('socket')).toMatch(/^cancelled/);
  expect(step('authorization')).toBe('–');
  bed.press('escape');
  expect(bed.panes.top()).toBeUndefined();
});

it('even one that does not hear the end of it can be stopped', async () => {
  open({ open: () => new Promise(() => {}) });
  to('test');
  bed.press('enter', 'escape');
  await shown('The test was cancelled.');
  expect(step('socket')).toBe('cancelled');
});

it('what a test opens too late is closed again', async () => {
  const close = vi.fn(() => Promise.resolve());
  let opened: (hypervisor: Hypervisor) => void = () => {};
  open({ open: () => new Promise((resolve) => (opened = resolve)) });
  to('test');
  bed.press('enter', 'escape');
  await shown('The test was cancelled.');
  const hostInfo = () => Promise.reject(new LibvirtError({ kind: 'aborted', message: 'given up' }));
  opened({ close, hostInfo } as unknown as Hypervisor);
  await vi.waitFor(() => expect(close).toHaveBeenCalledOnce());
  expect(bed.text).toContain('The test was cancelled.');
});

it('the result of a test goes with the URI that it was of', async () => {
  open({ open: lab });
  bed.press('left', 'left');
  to('test', onLab);
  bed.press('enter');
  await shown('The connection works.');
  bed.press('up');
  bed.type('x');
  expect(bed.text).not.toContain('The connection works.');
});

it('Esc keeps what was entered for the next time; Cancel does not', () => {
  open();
  to('name');
  bed.press('ctrl-u');
  bed.type('box');
  bed.press('escape');
  openAddConnection(bed.host);
  expect(value('Name')).toBe('box');
  to('cancel');
  bed.press('enter');
  expect(bed.panes.top()).toBeUndefined();
  openAddConnection(bed.host);
  expect(value('Name')).toBe('qemu');
  expect(saved()).toEqual([]);
});

it('what cannot be saved can be used all the same', async () => {
  open({ columns: 120 });
  const { host } = bed;
  const reason = new SettingsError('broken', '/c.yaml has errors and was left as it is:\n  /c.yaml:3: bad');
  const update = host.settings.update.bind(host.settings);
  // As file-settings does: the change counts for this run.
  host.settings.update = async (edit) => {
    await update(edit);
    throw reason;
  };
  to('add');
  bed.press('enter');
  await shown('Error: not saved: /c.yaml has errors and was left as it is:');
  expect(bed.text).toContain('It can be used all the same until the program ends.');
  expect(bed.text).toContain('[ Use unsaved ]');
  expect(value('Name')).toBe('qemu');
  expect(bed.inventory.calls).toEqual([]);
  bed.press('enter');
  expect(bed.panes.top()).toBeUndefined();
  expect(bed.inventory.calls).toEqual(['add qemu qemu:///system', 'connect c1']);
  expect(bed.said).toBe('success: qemu: added until the program ends');
});

it('what was not saved and is not used leaves no trace', async () => {
  open();
  const { settings } = bed.host;
  const update = settings.update.bind(settings);
  settings.update = async (edit) => {
    await update(edit);
    throw new SettingsError('write', 'read-only file system');
  };
  to('add');
  bed.press('enter');
  await shown('read-only file system');
  bed.press('escape');
  await vi.waitFor(() => expect(saved()).toEqual([]));
  openAddConnection(bed.host);
  expect(value('Name')).toBe('qemu');
});

it('left while it is saved, it tells on the screen below how that ended', async () => {
  open();
  const { settings } = bed.host;
  const update = settings.update.bind(settings);
  let fail: (error: Error) => void = () => {};
  settings.update = async (edit) => {
    await update(edit);
    await new Promise((_resolve, reject) => {
      fail = reject;
    });
  };
  to('add');
  bed.press('enter');
  await shown('at work');
  bed.press('x', 'escape');
  expect(bed.panes.top()).toBeUndefined();
  settings.update = update;
  fail(new SettingsError('locked', 'locked by another process'));
  await vi.waitFor(() => expect(bed.said).toBe('error: qemu: not saved: locked by another process'));
  expect(saved()).toEqual([]);
  expect(bed.inventory.calls).toEqual([]);
});

it('a name that another process has taken meanwhile is to be changed', async () => {
  open();
  bed.host.settings.update = () =>
    Promise.reject(new SettingsError('conflict', 'there is a connection named "qemu" already'));
  to('add');
  bed.press('enter');
  await shown('Choose another name.');
  expect(bed.text).toContain('[ Add ]');
});

it.each([
  [80, 24],
  [120, 40],
  [240, 70],
  [40, 10],
])('fits %dx%d with hostile names, a test that failed, and in ASCII', async (columns, rows) => {
  for (const capabilities of [{}, { unicode: false, colors: 0 as const }]) {
    for (const name of oddNames) {
      open({
        columns,
        rows,
        capabilities,
        open: () => Promise.reject(new LibvirtError({ kind: 'connect', message: `${name} `.repeat(8) })),
      });
      to('name');
      bed.paste(name);
      go('name', 'test');
      bed.press('enter');
      await shown('Error:');
      expect(bed.text).toContain('[ Test ]');
      expect(bed.panes.lines().join('')).not.toMatch(/\u001B[^[]|\u0007|\u202E/);
      bed.panes.dispose();
    }
  }
});

describe('a connection that is there', () => {
  const one: ConnectionSetting = { name: 'one', uri: 'qemu+ssh://root@lab2/system', autoconnect: false };
  const two: ConnectionSetting = { name: 'two', uri: 'lxc:///system', autoconnect: true };

  function edit(isSaved = true): void {
    bed = new PaneBed({ columns: 120, settings: { connections: isSaved ? [one, two] : [two] } });
    bed.inventory.addHost('one', []).uri = one.uri;
    bed.inventory.addHost('two', []).uri = two.uri;
    openEditConnection(bed.host, { id: 'c1', entry: one, isSaved });
  }
  const closed = () => vi.waitFor(() => expect(bed.panes.top()).toBeUndefined());

  it('is shown as it is, and leaves no draft where nothing was changed', () => {
    edit();
    expect(bed.text).toContain('Edit the connection');
    expect(['Hypervisor', 'Host', 'Name', 'Autoconnect', 'URI'].map(value)).toEqual([
      '← QEMU/KVM, system →',
      'lab2',
      'one',
      '[ ]  when the program starts',
      one.uri,
    ]);
    expect(bed.panes.top()?.entered?.()).toBeUndefined();
    to('host', remote);
    bed.type('x');
    expect(bed.panes.top()?.entered?.()).toBe('the changes of one');
    bed.press('escape');
    openAddConnection(bed.host);
    expect(value('URI')).toBe('qemu:///system');
    bed.press('escape');
    openEditConnection(bed.host, { id: 'c1', entry: one, isSaved: true });
    expect(value('Host')).toBe('lab2x');
  });

  it('another name and another port take the place of the old ones, and it keeps its autoconnect', async () => {
    edit();
    to('port', remote);
    bed.type('2222');
    bed.press('tab', 'ctrl-u');
    bed.type('cellar');
    go('name', 'add', remote);
    expect(bed.text).toContain('[ Save ]');
    bed.press('enter');
    await closed();
    expect(saved()).toEqual([
      { name: 'cellar', uri: 'qemu+ssh://root@lab2:2222/system', autoconnect: false },
      two,
    ]);
    expect(bed.inventory.calls).toEqual(['change c1 cellar qemu+ssh://root@lab2:2222/system']);
    expect(bed.said).toBe('success: cellar, until now one: saved');
  });

  it('one that is not in the settings yet is put there', async () => {
    edit(false);
    to('add', remote);
    bed.press('enter');
    await closed();
    expect(saved()).toEqual([two, one]);
    expect(bed.said).toBe('success: one: added');
  });

  it('takes no name and no place of another', () => {
    edit();
    to('name', remote);
    bed.press('ctrl-u');
    bed.type('two');
    bed.press('tab', 'tab', 'ctrl-u');
    bed.paste('lxc:///system/');
    bed.press('tab', 'tab', 'enter');
    expect(bed.text).toContain('there is a connection named "two" already');
    expect(bed.text).toContain('the connection "two" leads there already');
    expect(saved()).toEqual([one, two]);
  });

  it('what could not be saved and is not used is as it was', async () => {
    edit();
    const { settings } = bed.host;
    const update = settings.update.bind(settings);
    settings.update = async (change) => {
      await update(change);
      throw new SettingsError('write', 'read-only file system');
    };
    to('name', remote);
    bed.type('-2');
    go('name', 'add', remote);
    bed.press('enter');
    await shown('read-only file system');
    expect(saved()[0]?.name).toBe('one-2');
    bed.press('escape');
    await vi.waitFor(() => expect(saved()).toEqual([one, two]));
    expect(bed.inventory.calls).toEqual([]);
  });
});
