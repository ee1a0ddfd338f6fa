import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadSettings } from '../../source/settings/load-settings.js';
import { defineTestDomains, type TestDomains } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck, rowOf } from '../support/program.js';
import { requires } from '../support/requirements.js';
import type { Terminal } from '../support/terminal.js';

const key = { tab: '\t', enter: '\r', escape: '\u001b', clear: '\u0015', left: '\u001b[D' } as const;

requires('libvirtd', 'dist')('connections, made and ended on the screen', () => {
  let daemon: PrivateLibvirtd;
  let domains: TestDomains;
  let home: string;
  let settings: string;
  let terminal: Terminal;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'conn' });
    domains = await defineTestDomains(daemon, 2);
  });

  afterAll(async () => {
    await domains?.close();
    await daemon?.stop();
  });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    settings = join(home, 'virtdeck', 'config.yaml');
    // What is proposed at a first start must not depend on the machine.
    const env = { XDG_CONFIG_HOME: home, LIBVIRT_DEFAULT_URI: 'lab://first/?domains=2&seed=1' };
    terminal = openVirtdeck([], { cols: 120, rows: 40, env });
    await terminal.waitFor(/default +lab:\/\/first.*GiB/);
  });

  afterEach(async () => {
    await terminal.close();
    await rm(home, { recursive: true });
  });

  const send = async (keys: string, expected: Parameters<Terminal['waitFor']>[0]) => {
    terminal.send(keys);
    await terminal.waitFor(expected);
  };
  /** Opens the form and fills in a URI and a name; the button Test has the focus then. */
  const fillIn = async (name: string, uri: string) => {
    await send('a', 'Add a connection');
    await send(key.tab, '> Over SSH');
    await send(`${key.tab}${key.clear}${name}`, new RegExp(`> Name +${name}`));
    await send(key.tab, '> Autoconnect');
    await send(`${key.tab}${key.clear}${uri}`, 'custom URI');
    await send(key.tab, '[ Test ]');
  };
  const add = async (name: string) => {
    await send(key.tab, '[ Add ]');
    await send(key.enter, `${name}: added`);
  };
  /** The name on the selected row: the one drawn inverse. */
  const selected = () => {
    const y = terminal.screen().findIndex((line, row) => line !== '' && terminal.cell(2, row).inverse);
    return (terminal.screen()[y] ?? '').trim().split(/\s+/)[1] ?? '';
  };
  const select = async (name: string) => {
    await send('g', () => selected() === 'default');
    for (let row = 0; row < 30 && selected() !== name; row += 1) {
      const before = selected();
      await send('j', () => selected() !== before);
    }
    expect(selected()).toBe(name);
  };
  const saved = async () => (await loadSettings(settings)).settings.connections;

  it('a simulated and a real host are added, tested, live at once, ended, resumed, kept and removed', async () => {
    await fillIn('box', 'lab://box/?domains=3&seed=7');
    await send(key.enter, 'The connection works.');
    expect(terminal.text()).toMatch(/host +ok +[\d.]+ m?s +box, libvirt/);
    await add('box');
    await terminal.waitFor(() => selected() === 'box');

    await fillIn('real', daemon.testUri);
    await send(key.enter, 'The connection works.');
    expect(terminal.text()).toMatch(/socket +ok/);
    expect(terminal.text()).toMatch(/domains +ok +[\d.]+ m?s +3, 1 active/);
    await add('real');
    await terminal.waitFor(() => selected() === 'real' && rowOf(terminal, 'vm-0001') !== '');
    expect(await saved()).toEqual([
      { name: 'box', uri: 'lab://box/?domains=3&seed=7', autoconnect: true },
      { name: 'real', uri: daemon.testUri, autoconnect: true },
    ]);

    // Both are live: what another client does is seen.
    await daemon.virsh(['start', 'vm-0001']);
    await terminal.waitFor(() => rowOf(terminal, 'vm-0001').includes('running'));
    expect(rowOf(terminal, 'box')).toMatch(/GiB/);

    await send(key.enter, '[Overview]');
    expect(terminal.screen()[0]).toMatch(/^real.*connected$/);
    expect(terminal.text()).toMatch(/Domains +3, 2 running/);
    expect(terminal.text()).toMatch(/Autoconnect +on/);
    await send('x', /^real.*disconnected$/m);
    await daemon.virsh(['destroy', 'vm-0001']);
    await send(key.enter, /Connected +since/);
    await terminal.waitFor(/Domains +3, 1 running/);
    await send('A', /Autoconnect +off/);
    await send(key.escape, () => rowOf(terminal, 'vm-0001').includes('shut off'));

    // The proposed one is kept by its first switch.
    await select('default');
    await send('A', 'default: autoconnect on; added to the settings');
    await select('box');
    await send('x', 'box: disconnected');
    expect(rowOf(terminal, 'box')).toContain('disconnected');
    await send('D', 'Remove the connection?');
    expect(terminal.text()).toMatch(/Connection +box/);
    await send('n', () => !terminal.text().includes('Remove the connection?'));
    expect(rowOf(terminal, 'box')).not.toBe('');
    await send('D', 'Remove the connection?');
    await send('y', () => rowOf(terminal, 'box') === '');
    await terminal.waitFor('box: removed');
    expect(await saved()).toEqual([
      { name: 'real', uri: daemon.testUri, autoconnect: false },
      { name: 'default', uri: 'lab://first/?domains=2&seed=1', autoconnect: true },
    ]);
    expect(await readFile(settings, 'utf8')).toMatch(/^# Settings of virtdeck/);

    // The next start finds them: the one comes up, the other waits.
    terminal.send('q');
    await terminal.onExit;
    await using again = openVirtdeck([], { cols: 120, rows: 40, env: { XDG_CONFIG_HOME: home } });
    await again.waitFor(/default +lab:\/\/first.*GiB/);
    expect(rowOf(again, 'real')).toContain('disconnected');
  });

  it('a socket that accepts and never answers delays neither the others nor the screen', async () => {
    await using mute = await MuteSocket.listen(join(daemon.folder, 'mute'));
    await fillIn('real', daemon.testUri);
    await add('real');
    await terminal.waitFor(() => rowOf(terminal, 'vm-0000') !== '');

    await fillIn('mute', `qemu+unix:///system?socket=${mute.path}`);
    await send(key.enter, /daemon +…/);
    // The form goes on, and gives the test up.
    const asked = Date.now();
    await send(`${key.tab}`, '[ Add ]');
    expect(Date.now() - asked).toBeLessThan(1000);
    await send(key.escape, 'The test was cancelled.');
    expect(terminal.text()).toMatch(/daemon +cancelled/);
    await send(key.enter, 'mute: added');
    await terminal.waitFor(() => rowOf(terminal, 'mute').includes('connecting'));

    await daemon.virsh(['start', 'vm-0000']);
    await terminal.waitFor(() => rowOf(terminal, 'vm-0000').includes('running'), { timeout: 3000 });
    const pressed = Date.now();
    await send('?', 'Esc close');
    await send(key.escape, () => rowOf(terminal, 'mute').includes('connecting'));
    expect(Date.now() - pressed).toBeLessThan(1000);
    await daemon.virsh(['destroy', 'vm-0000']);
    await terminal.waitFor(() => rowOf(terminal, 'vm-0000').includes('shut off'), { timeout: 3000 });

    await send('x', 'mute: no more attempts to connect');
    expect(rowOf(terminal, 'mute')).toContain('disconnected');
    // The program ends at once as well.
    await select('mute');
    await send(key.enter, () => rowOf(terminal, 'mute').includes('connecting'));
    const left = Date.now();
    terminal.send('q');
    expect(await terminal.onExit).toMatchObject({ exitCode: 0 });
    expect(Date.now() - left).toBeLessThan(2000);
  });
});

/** A socket that lets everybody in and says nothing. */
class MuteSocket {
  static async listen(path: string): Promise<MuteSocket> {
    const mute = new MuteSocket(path);
    await new Promise<void>((resolve) => mute.#server.listen(path, resolve));
    return mute;
  }

  readonly path: string;
  readonly #clients = new Set<Socket>();
  readonly #server: Server = createServer((client) => this.#clients.add(client));

  private constructor(path: string) {
    this.path = path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
