import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { chooseConnections } from '../../source/commands/connections.js';
import { proposeConnections } from '../../source/settings/propose-connections.js';

function io(env: Readonly<Record<string, string>>): CommandIo {
  const nowhere = { write: () => true };
  return { stdout: nowhere, stderr: nowhere, env: { XDG_CONFIG_HOME: '/nonexistent', ...env } };
}

test('the host of nobody’s choice is virsh’s: its own variable first, then that of all clients', async () => {
  const [own, all] = ['qemu:///own', 'qemu:///all'];
  const both = { VIRSH_DEFAULT_CONNECT_URI: own, LIBVIRT_DEFAULT_URI: all };
  expect(await chooseConnections(undefined, io(both))).toEqual([{ label: own, uri: own }]);
  expect(await chooseConnections(undefined, io({ LIBVIRT_DEFAULT_URI: all }))).toEqual([
    { label: all, uri: all },
  ]);
  // What is given goes before them.
  expect(await chooseConnections(['lab:///'], io(both))).toEqual([{ label: 'lab:///', uri: 'lab:///' }]);
});

test('without any it is the one that the full-screen program opens, called as -c takes it', async () => {
  const [screen] = proposeConnections({ env: { XDG_CONFIG_HOME: '/nonexistent' }, uriDefault: undefined });
  const [command] = await chooseConnections(undefined, io({}));
  expect(command?.uri).toBe(screen?.uri);
  if (command?.uri !== undefined) expect(command.label).toBe(command.uri);
});

test('a libvirt.conf that cannot be read is warned of, also beside a host that is given: it may be an alias', async () => {
  const home = await mkdtemp(join(tmpdir(), 'vd-config-'));
  vi.spyOn(process, 'geteuid').mockReturnValue(1000);
  try {
    const file = join(home, 'libvirt', 'libvirt.conf');
    await mkdir(file, { recursive: true });
    for (const given of [undefined, ['web']]) {
      const said: string[] = [];
      const stderr = { write: (text: string) => said.push(text) > 0 };
      await chooseConnections(given, { ...io({ XDG_CONFIG_HOME: home }), stderr });
      expect(said).toEqual([`warning: ${file}: it is a directory\n`]);
    }
  } finally {
    vi.restoreAllMocks();
    await rm(home, { recursive: true });
  }
});
