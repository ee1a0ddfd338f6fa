import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { makeKey, Sshd } from '../support/sshd.js';
import type { Terminal } from '../support/terminal.js';

const passphrase = 'open sesame';

requires(
  'libvirtd',
  'sshd',
  'netcat',
  'dist',
)('a test of a connection whose key has a passphrase', () => {
  let daemon: PrivateLibvirtd;
  let sshd: Sshd;
  let home: string;
  let uri: string;
  let terminal: Terminal | undefined;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'ask', config: 'auth_unix_rw = "none"\n' });
    sshd = await Sshd.start();
  });

  afterAll(async () => {
    await sshd?.stop();
    await daemon?.stop();
  });

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vd-ask-'));
    const key = join(home, 'key');
    await makeKey(key, passphrase);
    const allowed = join(sshd.folder, 'authorized_keys');
    await writeFile(allowed, (await readFile(allowed, 'utf8')) + (await readFile(`${key}.pub`, 'utf8')));
    const parameters = new URLSearchParams({
      socket: daemon.socket,
      keyfile: key,
      known_hosts: await sshd.knownHosts(),
    });
    uri = `test+ssh://${userInfo().username}@127.0.0.1:${sshd.port}/default?${parameters}`;
  });

  afterEach(async () => {
    await terminal?.close();
    // The login that is kept for the next connection.
    const folder = join(home, 'virtdeck');
    for (const name of await readdir(folder).catch(() => []))
      if (name.startsWith('ssh-')) await runProcess('ssh', ['-O', 'exit', '-S', join(folder, name), 'x']);
    await rm(home, { recursive: true, force: true });
  });

  function open(args: readonly string[]): Terminal {
    const env = {
      XDG_CONFIG_HOME: home,
      XDG_RUNTIME_DIR: home,
      LIBVIRT_DEFAULT_URI: 'lab://first/?domains=2&seed=1',
      SSH_AUTH_SOCK: '',
    };
    terminal = openVirtdeck(args, { cols: 120, rows: 40, env });
    return terminal;
  }

  it('asks in a dialog above the form, and then tells each step', async () => {
    const screen = open([]);
    await screen.waitFor(/default +lab:\/\/first.*GiB/);
    screen.send('a');
    await screen.waitFor('Add a connection');
    screen.send('\t\t\t\t\u0015');
    screen.send(uri);
    await screen.waitFor('custom URI');
    screen.send('\t');
    await screen.waitFor('[ Test ]');
    screen.send('\r');
    await screen.waitFor('Enter passphrase for key');
    // What is typed within the first moment was meant for the form.
    await new Promise((resolve) => setTimeout(resolve, 600));
    screen.send(passphrase);
    screen.send('\r');
    await screen.waitFor('The connection works.');
    expect(screen.text()).not.toContain(passphrase);
    expect(screen.text()).toMatch(/ssh login +ok +[\d.]+ m?s +127\.0\.0\.1, publickey/);
    expect(screen.text()).toMatch(/daemon +ok +[\d.]+ m?s/);
    expect(screen.text()).toMatch(/domains +ok +[\d.]+ m?s +1, 1 active/);
  });

  it('asks on the terminal of the command, each step staying readable', async () => {
    const screen = open(['connection', 'test', uri]);
    await screen.waitFor('Enter passphrase for key');
    screen.send(`${passphrase}\r`);
    await screen.waitFor(/domains +ok/);
    expect(screen.text()).not.toContain(passphrase);
    expect(screen.text()).toMatch(/^ {2}ssh login +ok +[\d.]+ m?s/m);
  });
});
