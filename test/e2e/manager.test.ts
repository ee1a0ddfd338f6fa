import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  defineDomain,
  defineTestDomains,
  qemuDomainXml,
  type TestDomains,
  testDomainXml,
} from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck, rowOf } from '../support/program.js';
import { requires } from '../support/requirements.js';
import type { Terminal } from '../support/terminal.js';

requires('libvirtd', 'dist')('the Manager screen on a real libvirtd', () => {
  let daemon: PrivateLibvirtd;
  let domains: TestDomains;
  let terminal: Terminal;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'e2e' });
    domains = await defineTestDomains(daemon, 5);
  });

  afterAll(async () => {
    await domains?.close();
    await daemon?.stop();
  });

  beforeEach(async () => {
    terminal = openVirtdeck(['-c', daemon.testUri]);
    await terminal.waitFor('vm-0004');
  });

  afterEach(() => terminal.close());

  const row = (name: string) => rowOf(terminal, name);
  const virsh = async (...args: string[]) => (await daemon.virsh(args)).stdout.trim();
  /** Puts the selection on a domain, by the filter, and closes the filter's field. */
  const select = async (name: string) => {
    terminal.send(`/${name}\r`);
    await terminal.waitFor(() => row('test') === '' && row(name) !== '');
    terminal.send('G');
  };

  it('shows each domain with its state', () => {
    expect(row('test')).toContain('running');
    expect(row('vm-0000')).toContain('shut off');
  });

  it('shows a domain that virsh starts, defines and undefines, with no key pressed', async () => {
    await virsh('start', 'vm-0001');
    await terminal.waitFor(() => row('vm-0001').includes('running'));
    await virsh('destroy', 'vm-0001');
    await terminal.waitFor(() => row('vm-0001').includes('shut off'));
    await virsh('undefine', 'vm-0004');
    await terminal.waitFor(() => row('vm-0004') === '');
    await defineDomain(daemon, daemon.testUri, testDomainXml('newcomer'));
    await terminal.waitFor('newcomer');
    await virsh('undefine', 'newcomer');
    await terminal.waitFor(() => row('newcomer') === '');
    await defineDomain(daemon, daemon.testUri, testDomainXml('vm-0004'));
    await terminal.waitFor('vm-0004');
  });

  it('starts, pauses, resumes and shuts down by key; virsh agrees, and the screen says what happened', async () => {
    await select('vm-0002');
    const steps = [
      ['s', 'running', /vm-0002.*(started|running)/i],
      ['p', 'paused', /vm-0002.*paused/i],
      ['s', 'running', /vm-0002.*(resumed|running)/i],
      ['d', 'shut off', /vm-0002.*shut off/i],
    ] as const;
    for (const [key, state, said] of steps) {
      terminal.send(key);
      await terminal.waitFor(() => row('vm-0002').includes(state));
      await terminal.waitFor(said);
      expect(await virsh('domstate', 'vm-0002')).toBe(state);
    }
  });

  it('asks before it forces a domain off, and No leaves it running', async () => {
    await virsh('start', 'vm-0003');
    await select('vm-0003');
    await terminal.waitFor(() => row('vm-0003').includes('running'));
    terminal.send('F');
    await terminal.waitFor(/[Ff]orce.*vm-0003/);
    terminal.send('\r');
    await terminal.waitFor(() => !/[Ff]orce.*vm-0003.*\?/.test(terminal.text()));
    expect(await virsh('domstate', 'vm-0003')).toBe('running');
    terminal.send('F');
    await terminal.waitFor(/[Ff]orce.*vm-0003/);
    terminal.send('y');
    await terminal.waitFor(() => row('vm-0003').includes('shut off'));
    expect(await virsh('domstate', 'vm-0003')).toBe('shut off');
  });

  it('sets autostart by key', async () => {
    await select('vm-0002');
    terminal.send('A');
    await terminal.waitFor(/vm-0002.*autostart/);
    expect(await virsh('dominfo', 'vm-0002')).toMatch(/Autostart: +enable/);
    terminal.send('A');
    await terminal.waitFor(/vm-0002.*autostart.*off/);
    expect(await virsh('dominfo', 'vm-0002')).toMatch(/Autostart: +disable/);
  });

  it('takes keys that arrive in one chunk one by one', async () => {
    terminal.send('g');
    terminal.send('jjs');
    await terminal.waitFor(() => row('vm-0000').includes('running'));
    terminal.send('d');
    await terminal.waitFor(() => row('vm-0000').includes('shut off'));
  });

  it('filters as one types, and Esc brings all rows back', async () => {
    terminal.send('/0003');
    await terminal.waitFor(() => row('vm-0000') === '' && row('vm-0003') !== '');
    terminal.send('\u001b');
    await terminal.waitFor('vm-0000');
  });

  it('never runs a paste as keys', async () => {
    terminal.send('g\u001b[200~jjjsFyq\u001b[201~');
    terminal.send('?');
    await terminal.waitFor('Esc close');
    expect(terminal.exit).toBeUndefined();
  });

  it('fits the screen after a resize', async () => {
    terminal.resize(120, 40);
    await terminal.waitFor(() => terminal.screen().some((line) => line.length > 100));
    terminal.resize(60, 15);
    await terminal.waitFor(() => /\bhelp$/.test(terminal.screen()[14] ?? '') && row('vm-0000') !== '');
  });
});

requires('libvirtd', 'dist')('a libvirtd that goes away under the program', () => {
  it('shows the last known state as stale, and reconnects by itself', async () => {
    await using daemon = await PrivateLibvirtd.start({ name: 'kill' });
    await defineDomain(daemon, daemon.qemuUri, qemuDomainXml('keeper'));
    await using terminal = openVirtdeck(['-c', daemon.qemuUri]);
    // The host is called by its own name once the connection stands.
    await terminal.waitFor(
      (shown) => rowOf(shown, 'keeper') !== '' && new RegExp(`^. ${hostname()} `, 'm').test(shown.text()),
    );
    await daemon.kill();
    await terminal.waitFor(/reconnecting/);
    expect(terminal.text()).toContain('keeper');
    await daemon.restart();
    await defineDomain(daemon, daemon.qemuUri, qemuDomainXml('latecomer'));
    await daemon.virsh(['undefine', 'keeper'], { uri: daemon.qemuUri });
    await terminal.waitFor(/latecomer.*shut off/);
    await terminal.waitFor(() => !/reconnecting/.test(terminal.text()) && rowOf(terminal, 'keeper') === '');
  });
});
