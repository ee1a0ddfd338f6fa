import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openVirtdeck, rowOf } from '../support/program.js';
import { requires } from '../support/requirements.js';
import type { Terminal } from '../support/terminal.js';

const key = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  enter: '\r',
  escape: '\u001b',
} as const;

requires('dist')('every key of the Manager, in a terminal, on a simulated host', () => {
  let home: string;
  let terminal: Terminal;

  beforeEach(async () => {
    // Choices are kept: each test has settings of its own.
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    terminal = openVirtdeck(['-c', 'lab://stardust/?seed=7&speed=20'], {
      rows: 30,
      env: { XDG_CONFIG_HOME: home },
    });
    await terminal.waitFor(/ci-1/);
  });

  afterEach(async () => {
    await terminal.close();
    await rm(home, { recursive: true });
  });

  /** Name on the selected row: the one drawn inverse. */
  const selected = () => {
    const y = terminal.screen().findIndex((line, row) => line !== '' && terminal.cell(2, row).inverse);
    return (terminal.screen()[y] ?? '').trim().split(/\s+/)[1] ?? '';
  };
  const press = async (keys: string, shows: () => boolean) => {
    terminal.send(keys);
    await terminal.waitFor(shows);
  };
  /** What stands behind the symbol and the name. */
  const stateOf = (name: string) => rowOf(terminal, name).trim().split(/\s+/).slice(2).join(' ');
  /** Puts the selection on a domain. */
  const select = async (name: string) => {
    await press(`/${name}${key.enter}`, () => rowOf(terminal, name) !== '' && rowOf(terminal, 'ad-1') === '');
    await press('G', () => selected() === name);
  };

  it('moves by every moving key', async () => {
    await press('j', () => selected() === 'ad-1');
    await press(key.down, () => selected() === 'ad-2');
    await press('k', () => selected() === 'ad-1');
    await press(key.up, () => selected() === 'stardust');
    await press(key.pageDown, () => selected() !== 'stardust');
    const page = selected();
    await press(key.pageUp, () => selected() === 'stardust');
    await press('G', () => selected() !== 'stardust' && selected() !== page);
    const last = selected();
    await press('g', () => selected() === 'stardust');
    await press(key.end, () => selected() === last);
    await press(key.home, () => selected() === 'stardust');
  });

  it('folds and unfolds the host', async () => {
    await press(key.left, () => rowOf(terminal, 'ad-1') === '');
    await press(key.right, () => rowOf(terminal, 'ad-1') !== '');
    await press(`jj${key.left}`, () => selected() === 'stardust');
  });

  it('filters while one types, keeps it by Enter, clears it by Esc', async () => {
    await press('/db', () => rowOf(terminal, 'ad-1') === '' && rowOf(terminal, 'db-1') !== '');
    await press(key.enter, () => /\/db/.test(terminal.screen()[0] ?? ''));
    await press(key.escape, () => rowOf(terminal, 'ad-1') !== '');
  });

  it('sorts by the next column, and in reverse', async () => {
    const title = () => terminal.screen()[1] ?? '';
    await press('o', () => /STATE ?[▲▼]/.test(title()));
    const before = title();
    await press('O', () => title() !== before && /STATE ?[▲▼]/.test(title()));
  });

  it('marks domains, all and none, and asks before it stops several', async () => {
    await press('j ', () => /1 marked/.test(terminal.text()) && selected() === 'ad-2');
    await press('*', () => /\d\d marked/.test(terminal.text()));
    await press('d', () => /Shut down \d+ domains\?/.test(terminal.text()));
    await press('n', () => !terminal.text().includes('Shut down'));
    await press(key.escape, () => !terminal.text().includes('marked'));
  });

  it('chooses columns and grouping, and finds them again at the next start', async () => {
    await press('V', () => terminal.text().includes('[x] Domains under their hosts'));
    await press(' ', () => terminal.text().includes('[ ] Domains under their hosts'));
    await press(key.escape, () => !terminal.text().includes('under their hosts'));
    expect(terminal.screen()[1]).toMatch(/NAME.*HOST/);
    terminal.send('q');
    await terminal.onExit;
    expect(await readFile(join(home, 'virtdeck', 'config.yaml'), 'utf8')).toContain('grouping: flat');
    await terminal.close();
    terminal = openVirtdeck(['-c', 'lab://stardust/?seed=7&speed=20'], {
      rows: 30,
      env: { XDG_CONFIG_HOME: home },
    });
    await terminal.waitFor(/NAME.*HOST/);
    await press('V ', () => terminal.text().includes('[x] Domains under their hosts'));
    await press(
      key.escape,
      () => rowOf(terminal, 'stardust') !== '' || /stardust +lab:/.test(terminal.text()),
    );
  });

  it('runs any action by its name', async () => {
    await press('j:', () => terminal.text().includes('Actions:'));
    await press('reverse', () => terminal.text().includes('> reverse the order'));
    const title = () => terminal.screen()[1] ?? '';
    const before = title();
    await press(key.enter, () => title() !== before);
    await press(':', () => terminal.text().includes('Actions:'));
    await press(key.escape, () => !terminal.text().includes('Actions:'));
  });

  it('makes the interval longer and shorter, and refreshes', async () => {
    await press('+', () => terminal.text().includes('every 3s'));
    await press('--', () => terminal.text().includes('every 1s'));
    terminal.send('r');
    await terminal.waitFor('every 1s');
  });

  it('shows the help, which closes', async () => {
    await press('?', () => terminal.text().includes('On a domain'));
    await press(key.escape, () => rowOf(terminal, 'ad-1') !== '');
  });

  it('opens a domain and comes back', async () => {
    await press(`j${key.enter}`, () => terminal.text().includes('[Overview]'));
    await press('\t', () => terminal.text().includes('[Performance]'));
    await press('3', () => terminal.text().includes('<domain type='));
    await press(key.escape, () => rowOf(terminal, 'ad-1') !== '');
    expect(selected()).toBe('ad-1');
  });

  it('starts, pauses, resumes, reboots, saves, restores and shuts down a domain', async () => {
    await select('backup-2');
    expect(stateOf('backup-2')).toMatch(/^shut off/);
    await press('s', () => stateOf('backup-2').startsWith('running'));
    await press('p', () => stateOf('backup-2').startsWith('paused'));
    await press('s', () => stateOf('backup-2').startsWith('running'));
    await press('R', () => /backup-2: (asked to reboot|rebooted)/.test(terminal.text()));
    await terminal.waitFor(/backup-2: rebooted/, { timeout: 20_000 });
    await press('M', () => stateOf('backup-2').startsWith('shut off'));
    await terminal.waitFor(/backup-2: saved/);
    await press('s', () => stateOf('backup-2').startsWith('running'));
    terminal.send('d');
    await terminal.waitFor(() => stateOf('backup-2').startsWith('shut off'), { timeout: 20_000 });
  });

  it('forces off only after Yes', async () => {
    await select('db-1');
    await press('F', () => /Force off db-1\?/.test(terminal.text()));
    await press('n', () => !/Force off db-1\?/.test(terminal.text()));
    expect(stateOf('db-1')).toMatch(/^running/);
    await press('F', () => /Force off db-1\?/.test(terminal.text()));
    await press('y', () => stateOf('db-1').startsWith('shut off'));
  });

  it('switches autostart', async () => {
    await select('backup-2');
    await press('A', () => /backup-2: autostart (on|off)/.test(terminal.text()));
  });

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ])('quits by %s', async (_, keys) => {
    terminal.send(keys);
    expect((await terminal.onExit).exitCode).toBe(0);
  });
});
