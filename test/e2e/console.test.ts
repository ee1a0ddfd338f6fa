import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { defineDomain, qemuDomainXml } from '../support/domains.js';
import { makeEchoDisk } from '../support/echo-disk.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck, rowOf } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { Terminal } from '../support/terminal.js';

const ctrlBracket = '\u001d';
const enter = '\r';

requires(
  'libvirtd',
  'qemu',
  'dist',
)('the serial console of a real guest, in a terminal', () => {
  let daemon: PrivateLibvirtd;
  let home: string;
  const opened: Terminal[] = [];

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'serial' });
    const disk = await makeEchoDisk(daemon.folder, 'echo');
    const devices = `<disk type='file' device='disk'><driver name='qemu' type='raw'/>
      <source file='${disk}'/><target dev='hda' bus='ide'/></disk>`;
    await defineDomain(daemon, daemon.qemuUri, qemuDomainXml('web-1', { devices }));
  });

  afterAll(() => daemon?.stop());

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    await virsh('start', 'web-1');
  });

  afterEach(async () => {
    for (const terminal of opened.splice(0)) await terminal.close();
    await daemon.virsh(['destroy', 'web-1'], { uri: daemon.qemuUri });
    await rm(home, { recursive: true });
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.qemuUri });
  const kept = (terminal: Terminal): Terminal => {
    opened.push(terminal);
    return terminal;
  };
  const virtdeck = (...args: string[]) =>
    kept(openVirtdeck([...args, '-c', daemon.qemuUri], { env: { XDG_CONFIG_HOME: home } }));
  const virshConsole = () =>
    kept(
      Terminal.open({ command: 'virsh', args: ['-c', daemon.qemuUri, 'console', 'web-1'], env: daemon.env }),
    );
  /** Types, and waits until the guest has sent it back. */
  const echoed = async (terminal: Terminal, text: string, shown = text) => {
    terminal.send(text);
    await terminal.waitFor(shown);
  };
  /** The guest is up; its firmware may swallow an Enter. */
  const ready = async (terminal: Terminal) => {
    for (let attempt = 0; attempt < 20 && !terminal.text().includes('ready'); attempt += 1) {
      terminal.send(enter);
      await terminal.waitFor('ready', { timeout: 1000 }).catch(() => {});
    }
    await terminal.waitFor('ready');
  };
  const manager = async () => {
    const terminal = virtdeck();
    await terminal.waitFor(() => rowOf(terminal, 'web-1').includes('running'));
    terminal.send('G');
    await terminal.waitFor('t console');
    return terminal;
  };

  it('is opened by t, and Ctrl-] brings the Manager back as it was', async () => {
    const terminal = await manager();
    const before = terminal.text();
    const bytesBefore = terminal.rawOutput.length;
    terminal.send('t');
    await terminal.waitFor("Connected to domain 'web-1'. Escape character is ^]");
    expect(terminal.altScreen).toBe(false);
    await ready(terminal);
    await echoed(terminal, 'hello-guest');
    // The keys of the program are the guest's now, the one that quits among them.
    await echoed(terminal, 'J\u0003D', 'JD');
    terminal.send(ctrlBracket);
    await terminal.waitFor(() => rowOf(terminal, 'web-1').includes('running') && terminal.altScreen);
    expect(terminal.screen()[1]).toBe(before.split('\n')[1]);
    // What the guest has left on is off: the mouse, its colour.
    const since = terminal.rawOutput.slice(bytesBefore);
    expect(since.lastIndexOf('\u001b[?1003l')).toBeGreaterThan(since.lastIndexOf('\u001b[?1003h'));
    expect(since.lastIndexOf('\u001b[?25l')).toBeGreaterThan(since.lastIndexOf('\u001b[?25h'));
    terminal.send('?');
    await terminal.waitFor('serial console');
    terminal.send('q');
    await terminal.waitFor('t console');
    terminal.send('q');
    expect((await terminal.onExit).exitCode).toBe(0);
    const other = virshConsole();
    await other.waitFor('Escape character is');
    await echoed(other, 'virsh-is-next');
  });

  it('asks before it takes the console from another client, who loses it then', async () => {
    const other = virshConsole();
    await other.waitFor('Escape character is');
    await ready(other);
    const terminal = await manager();
    terminal.send('t');
    await terminal.waitFor('Take over the console of web-1?');
    terminal.send('n');
    await terminal.waitFor(() => !terminal.text().includes('Take over'));
    await echoed(other, 'still-mine');
    terminal.send('t');
    await terminal.waitFor('Take over the console of web-1?');
    terminal.send('y');
    await terminal.waitFor("Connected to domain 'web-1'");
    await echoed(terminal, 'now-mine');
    await other.onExit;
  });

  it('closes when the guest goes, and says so; t is not offered then', async () => {
    const terminal = await manager();
    terminal.send(enter);
    await terminal.waitFor('[Overview]');
    terminal.send('t');
    await ready(terminal);
    terminal.send('q');
    await terminal.waitFor('web-1: console closed: web-1 is shut off');
    // The console ends a moment before the domain's state is told.
    await terminal.waitFor(() => !terminal.text().includes('t console'));
    terminal.send('t');
    await terminal.waitFor('web-1 is not running');
  });

  it('is a command of its own', async () => {
    const terminal = virtdeck('console', 'web-1');
    await terminal.waitFor("Connected to domain 'web-1'. Escape character is ^]");
    await ready(terminal);
    await echoed(terminal, 'from-the-shell\u0003!', 'from-the-shell!');
    const refused = virtdeck('console', 'web-1');
    expect((await refused.onExit).exitCode).toBe(1);
    expect(refused.text()).toContain('--force takes it over');
    const taker = virtdeck('console', 'web-1', '--force');
    await taker.waitFor("Connected to domain 'web-1'");
    expect((await terminal.onExit).exitCode).toBe(0);
    expect(terminal.text()).toContain('another client');
    await echoed(taker, 'taken');
    taker.send(ctrlBracket);
    expect(await taker.onExit).toEqual({ exitCode: 0, signal: undefined });
    const last = virtdeck('console', 'web-1');
    await last.waitFor("Connected to domain 'web-1'");
    await echoed(last, 'x');
    last.send('q');
    expect((await last.onExit).exitCode).toBe(0);
    expect(last.text()).toContain('Console closed: web-1 is shut off');
  });

  it('gives the terminal back when the program is told to end', async () => {
    const terminal = await manager();
    terminal.send('t');
    await terminal.waitFor("Connected to domain 'web-1'");
    await ready(terminal);
    const before = terminal.rawOutput.length;
    terminal.signal('SIGTERM');
    expect((await terminal.onExit).exitCode).toBe(143);
    expect(terminal.altScreen).toBe(false);
    expect(terminal.rawOutput.slice(before)).toContain('\u001b[?1003l');
  });
});
