import { afterAll, beforeAll, expect, it } from 'vitest';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { cliPath, openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { Terminal } from '../support/terminal.js';

requires('libvirtd', 'dist')('the terminal afterwards', () => {
  let daemon: PrivateLibvirtd;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'tty' });
  });

  afterAll(() => daemon?.stop());

  /** A shell that runs virtdeck and then says how it ended and what the terminal's settings are. */
  const underShell = () =>
    Terminal.open({
      command: '/bin/sh',
      args: [
        '-c',
        'stty -g; "$0" "$1" -c "$2"; echo "ended $?"; stty -g',
        process.execPath,
        cliPath,
        daemon.testUri,
      ],
    });

  const expectRestored = async (terminal: Terminal) => {
    await terminal.onExit;
    expect(terminal.altScreen).toBe(false);
    const settings = terminal.screen().filter((line) => /^[0-9a-f]+(:[0-9a-f]+){5,}/.test(line.trim()));
    expect(settings).toHaveLength(2);
    expect(settings[1]).toBe(settings[0]);
    // Whatever was hidden or switched on is shown and switched off again.
    const raw = terminal.rawOutput;
    expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'));
    expect(raw.lastIndexOf('\u001b[?2004l')).toBeGreaterThanOrEqual(raw.lastIndexOf('\u001b[?2004h'));
  };

  it.each([
    ['q', 'q', 0],
    ['Ctrl-C', '\u0003', 0],
  ])('is as before after %s', async (_, keys, code) => {
    await using terminal = underShell();
    await terminal.waitFor('running');
    terminal.send(keys);
    await terminal.waitFor(`ended ${code}`);
    await expectRestored(terminal);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('is as before after %s', async (signal, code) => {
    await using terminal = underShell();
    await terminal.waitFor('running');
    const { stdout } = await runProcess('pgrep', ['-P', String(terminal.pid)]);
    process.kill(Number(stdout.trim()), signal);
    await terminal.waitFor(`ended ${code}`);
    await expectRestored(terminal);
  });

  it('suspends to the shell by Ctrl-Z and comes back by fg', async () => {
    await using terminal = Terminal.open({
      command: '/bin/bash',
      args: ['--norc', '-i'],
      env: { PS1: 'shell> ' },
    });
    await terminal.waitFor('shell>');
    terminal.send(`'${process.execPath}' '${cliPath}' -c '${daemon.testUri}'\r`);
    await terminal.waitFor((shown) => shown.altScreen && shown.text().includes('running'));
    terminal.send('\u001a');
    await terminal.waitFor((shown) => !shown.altScreen && /Stopped/.test(shown.text()));
    terminal.send('echo still-$((40+2))\r');
    await terminal.waitFor('still-42');
    terminal.send('fg\r');
    await terminal.waitFor((shown) => shown.altScreen && shown.text().includes('running'));
    terminal.send('?');
    await terminal.waitFor('Esc close');
    terminal.send('\u001b');
    await terminal.waitFor('running');
    terminal.send('q');
    await terminal.waitFor((shown) => !shown.altScreen);
  });

  it('says in one line what to use when the output is no terminal', async () => {
    const { exitCode, stdout, stderr } = await runProcess(process.execPath, [cliPath]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('virtdeck list');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

requires('dist')('hosts that cannot be reached', () => {
  it('says why, and what to do', async () => {
    await using terminal = openVirtdeck(['-c', 'qemu+unix:///system?socket=/nowhere/libvirt-sock']);
    await terminal.waitFor('there is no socket');
    expect(terminal.text()).toMatch(/systemctl|libvirtd -d|not installed/);
    terminal.send('q');
    expect((await terminal.onExit).exitCode).toBe(0);
  });
});
