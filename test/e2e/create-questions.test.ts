import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openHypervisor } from '../../source/libvirt/open.js';
import { createBed } from '../commands/create/bed.js';
import { cliPath, openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { Terminal } from '../support/terminal.js';

requires('dist')('virtdeck create asks somebody at a terminal', () => {
  const bed = createBed();
  const env = () =>
    Object.fromEntries(Object.entries(bed.env).filter((entry): entry is [string, string] => !!entry[1]));
  const make = (...words: readonly string[]) =>
    openVirtdeck(['create', 'web-1', '-c', bed.uri, ...bed.madeOf(), ...words], { env: env() });
  const stopNetwork = async (): Promise<void> => {
    const hypervisor = await openHypervisor(bed.uri);
    await hypervisor.networks.stop(await hypervisor.networks.lookup('default'));
    await hypervisor.close();
  };

  it('whether the network is to be started: y goes on with it', async () => {
    await stopNetwork();
    await using terminal = make();
    await terminal.waitFor('the network default is not active. Start it? [y/N]');
    terminal.send('y\r');
    await terminal.waitFor(/web-1 is up: [\d.]+ \(guest agent\)/);
    expect(await terminal.onExit).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 1],
    ['Enter', '\r', 1],
  ])('whether the network is to be started: %s makes nothing', async (_, answer, exitCode) => {
    await stopNetwork();
    await using terminal = make();
    await terminal.waitFor('Start it? [y/N]');
    terminal.send(answer);
    expect(await terminal.onExit).toMatchObject({ exitCode });
    expect(await bed.names()).toEqual([]);
  });

  it('what becomes of one that was cut off: other words are asked about again', async () => {
    const creations = join(bed.folder, 'state', 'virtdeck', 'creations');
    await mkdir(creations, { recursive: true });
    const record = {
      ...{ version: 1, id: 'b', connection: bed.uri, uri: 'qemu:///system', startedAt: '2026' },
      process: { pid: 2 ** 22 + 1, started: '1' },
      requests: [{ name: 'web-7', source: { kind: 'empty' }, start: false, startInactive: false }],
      ...{ made: [], finished: [] },
    };
    await writeFile(join(creations, 'b.json'), JSON.stringify(record));
    await using terminal = openVirtdeck(['create', '--cleanup'], { env: env() });
    await terminal.waitFor('Finish it, remove it, or leave it? [f/r/L]');
    terminal.send('resume\r');
    await terminal.waitFor(/f, r or l is the answer; Enter leaves it\.\s+Finish it/);
    terminal.send('finish\r');
    expect(await terminal.onExit).toMatchObject({ exitCode: 0 });
    expect(await bed.names()).toEqual(['web-7', 'web-7.qcow2']);
  });

  it('for the password, which is not shown; Ctrl-C there ends the program as everywhere', async () => {
    await using typed = make('--password-file', '-', '--no-wait');
    await typed.waitFor('Password for the guest:');
    typed.send('seven-words-of-it\r');
    await typed.waitFor('The same again:');
    typed.send('seven-wrods-of-it\r');
    await typed.waitFor(/These two differ: once more\.\s+Password for the guest:/);
    typed.send('seven-words-of-it\r');
    await typed.waitFor(/once more[\s\S]*The same again:/);
    typed.send('seven-words-of-it\r');
    expect(await typed.onExit).toMatchObject({ exitCode: 0 });
    expect(typed.text()).not.toContain('seven');
    await using left = make('--password-file', '-');
    await left.waitFor('Password for the guest:');
    left.send('\u0003');
    expect(await left.onExit).toMatchObject({ exitCode: 130 });
  });

  it.each(['\u0003', '\u0004'])(
    'and the shell shows what is typed again, however it was left (%j)',
    async (key) => {
      const words = ['create', 'web-1', '-c', bed.uri, ...bed.madeOf(), '--password-file', '-'];
      const line = [process.execPath, cliPath, ...words].map((word) => `'${word}'`).join(' ');
      // The shell lives on, as one that a person types into does.
      const script = `trap : INT; ${line}; echo "it ended with $?"; stty -a`;
      await using terminal = Terminal.open({ command: 'bash', args: ['-c', script], env: env() });
      await terminal.waitFor('Password for the guest:');
      terminal.send(key);
      await terminal.onExit;
      expect(terminal.text()).toMatch(
        /^it ended with 130$|standard input: nothing was typed[\s\S]*ended with 2$/m,
      );
      expect(terminal.text()).toMatch(/\bisig icanon iexten echo /);
    },
  );

  it('nothing where Ctrl-C comes while the host leaves a call unanswered: it ends, and says what is left', async () => {
    const unanswered = { fault: 'slow', milliseconds: 2 ** 30 } as const;
    bed.lab.faults.add({ ...unanswered, procedure: 'DOMAIN_CREATE_WITH_FLAGS' });
    bed.lab.faults.add({ ...unanswered, procedure: 'STORAGE_VOL_DELETE', domain: 'web-1.qcow2' });
    await using terminal = make();
    await terminal.waitFor('Start the domain web-1 …');
    terminal.send('\u0003');
    expect(await terminal.onExit).toMatchObject({ exitCode: 130 });
    expect(terminal.text().replaceAll('\n', '')).toMatch(
      /left behind: volume \S+ of the pool default: no answer to STORAGE_VOL_DELETE/,
    );
  });
});
