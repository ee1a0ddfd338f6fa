import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connection } from '../../source/commands/connection/connection.js';
import { runCommand } from '../support/command-io.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';

requires('libvirtd')('virtdeck connection test', () => {
  let daemon: PrivateLibvirtd;
  let directory: string;

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'conn' });
    directory = await mkdtemp(join(tmpdir(), 'vd-conn-'));
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (...input: readonly string[]) =>
    runCommand(connection, input, {}, { env: { XDG_CONFIG_HOME: directory } });

  test('every step of a connection that works, by its name', async () => {
    await run('add', 'real', daemon.testUri);
    const { code, stdout, stderr } = await run('test', 'real');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const hostname = (await daemon.virshOk(['hostname'])).trim();
    const version = /library: libvirt (\S+)/.exec(await daemon.virshOk(['version']))?.[1];
    const [title, ...steps] = untimed(stdout).trimEnd().split('\n');
    expect(title).toBe(`Testing real (${daemon.testUri})`);
    expect(steps.slice(0, 4)).toEqual([
      '  socket         ok',
      '  daemon         ok',
      '  authorization  ok',
      '  opening        ok',
    ]);
    expect(steps[4]).toMatch(/^ {2}host {11}ok {2}\S+, libvirt \S+, TEST \S+$/i);
    expect(steps[4]).toContain(` ${hostname}, libvirt ${version}, `);
    expect(steps[5]).toBe('  domains        ok  1, 1 active');
    expect(steps).toHaveLength(6);
  });

  test('a URI that is not in the settings', async () => {
    const { code, stdout } = await run('test', daemon.testUri);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Testing test\+unix:\S+\n {2}socket {9}ok +[\d.]+ m?s\n/);
  });

  test('a daemon that refuses to open says why, at that step', async () => {
    const uri = `test+unix:///nowhere/at-all.xml?socket=${daemon.socket}`;
    const { code, stdout, stderr } = await run('test', uri);
    expect(code).toBe(1);
    expect(untimed(stdout).split('\n').slice(1)).toEqual([
      '  socket         ok',
      '  daemon         ok',
      '  authorization  ok',
      '  opening        failed',
      '',
    ]);
    expect(stderr).toMatch(/^error: test\+unix:\S+: .*at-all\.xml/);
  });

  test('a daemon that hangs up before it says what authorization it wants', async () => {
    const path = join(directory, 'sock');
    const server = createServer((socket) => socket.destroy()).listen(path);
    try {
      const { code, stdout, stderr } = await run('test', `qemu+unix:///system?socket=${path}`);
      expect(code).toBe(1);
      expect(untimed(stdout).split('\n').slice(1)).toEqual([
        '  socket         ok',
        '  daemon         failed',
        '',
      ]);
      expect(stderr).toMatch(/^error: /);
    } finally {
      server.close();
    }
  });
});

/** Without how long each step took. */
function untimed(text: string): string {
  return text.replace(/ +(?:\d+ ms|\d+\.\d s)(?= {2}|\n)/g, '');
}
