import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { type ServedLab, serveLab } from '../../source/lab/serve.js';
import { cliPath, openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { Terminal } from '../support/terminal.js';

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/** The program has ended so, and the terminal is the shell's again. */
async function expectEnd(terminal: Terminal, code: number): Promise<void> {
  const { exitCode, signal } = await terminal.onExit;
  expect(signal === undefined ? exitCode : 128 + signal).toBe(code);
  expect(terminal.altScreen).toBe(false);
  const raw = terminal.rawOutput;
  expect(raw.lastIndexOf('\u001B[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001B[?25l'));
  expect(raw.lastIndexOf('\u001B[?2004l')).toBeGreaterThanOrEqual(raw.lastIndexOf('\u001B[?2004h'));
}

requires('dist')('the built program', () => {
  it.each(signals.map((signal, at) => [signal, [20, 58, 80, 240][at] ?? 80] as const))(
    'is ended by %s while the help is shown in %i columns',
    async (signal, cols) => {
      await using terminal = openVirtdeck(['-c', 'lab:///'], { cols });
      await terminal.waitFor(/ad-2|Too small/);
      terminal.send('?');
      await terminal.waitFor(/On a domain|Too small/);
      terminal.signal(signal);
      await expectEnd(terminal, 128 + constants.signals[signal]);
    },
  );

  it.each(signals)('is ended by %s while a console has the terminal', async (signal) => {
    await using terminal = openVirtdeck(['-c', 'lab:///']);
    await terminal.waitFor('ad-2');
    terminal.send('jjt');
    await terminal.waitFor('Escape character');
    terminal.signal(signal);
    const { exitCode, signal: by } = await terminal.onExit;
    expect(by === undefined ? exitCode : 128 + by).toBe(128 + constants.signals[signal]);
    expect(terminal.altScreen).toBe(false);
  });

  it('says in a line that no more files may be open', async () => {
    await using terminal = Terminal.open({
      command: '/bin/sh',
      args: ['-c', 'ulimit -n 32; exec "$0" "$1" -c lab:///', process.execPath, cliPath],
    });
    expect((await terminal.onExit).exitCode).toBe(1);
    expect(terminal.text().replaceAll('\n', '')).toMatch(/^virtdeck: EMFILE: too many open files[^{]*$/);
  });

  it.each([
    ['the help', '?', 'On a domain'],
    ['a question', 'jjF', 'Force off?'],
  ])('shows %s in windows of every width, and goes on', async (_, keys, shown) => {
    await using terminal = openVirtdeck(['-c', 'lab:///']);
    await terminal.waitFor('ad-2');
    terminal.send(keys);
    await terminal.waitFor(shown);
    for (let cols = 1; cols <= 240; cols += cols < 20 ? 1 : 9) terminal.resize(cols, 4 + (cols % 21));
    terminal.resize(80, 30);
    // No window before had a line there.
    await terminal.waitFor(() => terminal.screen()[29] !== '' && terminal.text().includes(shown));
    terminal.signal('SIGTERM');
    await expectEnd(terminal, 143);
  });
});

requires('dist')('a host that is silent', () => {
  let folder: string;
  let lab: Lab;
  let served: ServedLab;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'virtdeck-ends-'));
    lab = createLab();
    served = await serveLab(lab, join(folder, 'lab.sock'));
  });

  afterEach(async () => {
    await served.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = () => openVirtdeck(['-c', served.uri], { env: { XDG_CONFIG_HOME: folder } });

  it('from the first event registration on does not keep q from ending the program', async () => {
    lab.faults.add({
      fault: 'slow',
      procedure: 'CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY',
      milliseconds: 60_000,
    });
    await using terminal = open();
    await terminal.waitFor('connecting');
    terminal.send('q');
    await expectEnd(terminal, 0);
  });

  it('after the first answers does not keep q, nor SIGTERM, from ending the program', async () => {
    await using asked = open();
    await using told = open();
    await asked.waitFor('running');
    await told.waitFor('running');
    lab.faults.add({ fault: 'silent' });
    asked.send('r');
    asked.send('q');
    told.signal('SIGTERM');
    await expectEnd(asked, 0);
    await expectEnd(told, 143);
  });

  it('is not needed for settings that somebody has locked: q ends the program and says what is not saved', async () => {
    await using terminal = open();
    await terminal.waitFor('running');
    const folderOfSettings = join(folder, 'virtdeck');
    await mkdir(folderOfSettings, { recursive: true });
    await writeFile(join(folderOfSettings, 'config.yaml.lock'), `${process.pid} ${hostname()} held\n`);
    terminal.send('o');
    terminal.send('q');
    await expectEnd(terminal, 0);
    expect(terminal.text()).toContain('what you chose last is not saved');
  });
});
