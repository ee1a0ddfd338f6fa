import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { openVirtdeck } from '../support/program.js';
import { requires } from '../support/requirements.js';
import type { Terminal } from '../support/terminal.js';

const key = { tab: '\t', enter: '\r', escape: '\u001b' } as const;

requires('libvirtd', 'dist')('the networks of a real libvirtd, in a terminal', () => {
  let daemon: PrivateLibvirtd;
  let home: string;
  let terminal: Terminal;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'nets' });
  });

  afterAll(() => daemon?.stop());

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    const editor = join(home, 'editor');
    // What a person would change: the DNS domain.
    await writeFile(editor, '#!/bin/sh\nsed -i "s|</name>|</name><domain name=\'edited.example\'/>|" "$1"\n');
    await chmod(editor, 0o755);
    terminal = openVirtdeck(['-c', daemon.testUri], {
      cols: 120,
      rows: 40,
      env: { XDG_CONFIG_HOME: home, EDITOR: editor, VISUAL: undefined },
    });
    await terminal.waitFor(/test {2,}/);
    terminal.send(key.enter);
    await terminal.waitFor('[Overview]');
    terminal.send('2');
    await terminal.waitFor('[Networks]');
  });

  afterEach(async () => {
    await terminal.close();
    await rm(home, { recursive: true });
  });

  const virsh = (...args: string[]) => daemon.virshOk(args, { uri: daemon.testUri });
  const row = (name: string): string =>
    terminal.screen().find((line) => line.trim().split(/\s+/, 2)[1] === name) ?? '';

  it('stops and starts one by key, and shows what virsh does to it', async () => {
    await terminal.waitFor(() => / active /.test(row('default')));
    terminal.send('d');
    await terminal.waitFor('Stop the network default?');
    terminal.send('y');
    await terminal.waitFor(() => row('default').includes('inactive'));
    expect((await virsh('net-list', '--name')).trim()).toBe('');
    // Nobody presses a key: the event of the other client's doing is enough.
    await virsh('net-start', 'default');
    await terminal.waitFor(() => / active /.test(row('default')));
  });

  it('makes one by the form, refused at the field first, and deletes it', async () => {
    await terminal.waitFor(() => row('default') !== '');
    terminal.send('n');
    await terminal.waitFor('New network');
    terminal.send(`a/b${key.tab}`);
    await terminal.waitFor('no slash');
    terminal.send(`\u001b[Z\u0015lab${key.tab}`);
    await terminal.waitFor('<name>lab</name>');
    for (let field = 0; field < 12 && !terminal.text().includes('[ Create ]'); field += 1) {
      terminal.send(key.tab);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await terminal.waitFor('[ Create ]');
    terminal.send(key.enter);
    await terminal.waitFor(() => / active /.test(row('lab')));
    expect(await virsh('net-dumpxml', 'lab')).toContain("<forward mode='nat'");
    await virsh('net-destroy', 'lab');
    await virsh('net-undefine', 'lab');
    await terminal.waitFor(() => row('lab') === '');
  });

  it('edits the XML in the person’s editor', async () => {
    // The test driver takes a new definition over only while the network is inactive.
    await virsh('net-destroy', 'default');
    await terminal.waitFor(() => row('default').includes('inactive'));
    terminal.send('e');
    await terminal.waitFor('network default: changed');
    expect(await virsh('net-dumpxml', 'default')).toContain('edited.example');
    // The screen is whole again after the editor had it.
    await terminal.waitFor('[Networks]');
    await terminal.waitFor('edited.example');
  });
});
