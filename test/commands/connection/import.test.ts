import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { connection } from '../../../source/commands/connection/connection.js';
import { stringsOf } from '../../../source/commands/connection/virt-manager.js';
import { temporaryDirectories } from '../../settings/temporary.js';
import { runCommand } from '../../support/command-io.js';

const temporary = temporaryDirectories();
afterEach(() => vi.restoreAllMocks());

interface Machine {
  /** What programs of GNOME there are, as shell scripts. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly settings?: string;
  readonly aliases?: string;
}

async function machine({ programs = {}, settings, aliases = '' }: Machine) {
  const folder = await temporary();
  const config = join(folder, 'virtdeck', 'config.yaml');
  await mkdir(join(folder, 'virtdeck'));
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'libvirt'));
  await writeFile(join(folder, 'libvirt/libvirt.conf'), aliases);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'bin', name), 0o755);
  }
  if (settings !== undefined) await writeFile(config, settings);
  const env = { XDG_CONFIG_HOME: folder, PATH: join(folder, 'bin'), LIBVIRT_DEFAULT_URI: 'lab:///' };
  const run = (flags = {}) => runCommand(connection, ['import'], flags, { env });
  return { run, text: () => readFile(config, 'utf8') };
}

const gsettings = `
[ "$1 $2" = "get org.virt-manager.virt-manager.connections" ] || exit 9
case "$3" in
  uris) echo "['qemu:///system', 'qemu+ssh://root@lab2/system', 'lxc:///', 'qemu+ssh://u:hunter2@h/system', 'qemu+ssh://-x/system']" ;;
  autoconnect) echo "['qemu+ssh://root@lab2/system']" ;;
esac`;

test('what virt-manager has saved is added, with its autoconnect, and what is there already is left out', async () => {
  const settings =
    '# mine\nconnections:\n  - {name: here, uri: "QEMU:///system", autoconnect: false}\n  - {name: lab2, uri: "xen:///", autoconnect: false}\n';
  const { run, text } = await machine({ programs: { gsettings }, settings });
  const { code, stdout, stderr } = await run();
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'Connection lab2-2 added: qemu+ssh://root@lab2/system',
    'Connection lxc added: lxc:///',
    'Left out: qemu:///system: it is there already as here',
    expect.stringMatching(/^Left out: qemu\+ssh:\/\/…@h\/system: a URI may not contain a password/),
    'Left out: qemu+ssh://-x/system: "-x" is no name of a host for ssh',
    '',
  ]);
  expect(stdout + stderr).not.toContain('hunter2');
  expect(await text()).toContain(settings);
  expect(await text()).toContain('{name: lab2-2, uri: qemu+ssh://root@lab2/system, autoconnect: true}');
  // A second time there is nothing left to add.
  const again = JSON.parse((await run({ json: true })).stdout);
  expect(again.added).toEqual([]);
  expect(again.leftOut).toHaveLength(5);
  expect(again.leftOut[1]).toEqual({
    uri: 'qemu+ssh://root@lab2/system',
    reason: 'it is there already as lab2-2',
  });
});

test('dconf is asked where gsettings is not there or does not know virt-manager', async () => {
  const dconf = `[ "$1 $2" = "read /org/virt-manager/virt-manager/connections/uris" ] && echo "['xen:///system']"; exit 0`;
  for (const programs of [{ dconf }, { dconf, gsettings: 'echo "No such schema" >&2; exit 1' }]) {
    const { run } = await machine({ programs });
    const { stdout } = await run({ json: true });
    expect(JSON.parse(stdout)).toEqual({
      added: [{ name: 'xen', uri: 'xen:///system', autoconnect: false }],
      leftOut: [],
    });
  }
});

test('uri_aliases of libvirt.conf are added under their names', async () => {
  // Root's libvirt.conf is the system's.
  vi.spyOn(process, 'geteuid').mockReturnValue(1000);
  const { run } = await machine({
    programs: { gsettings: 'echo "@as []"' },
    aliases: 'uri_aliases = [ "cellar=qemu+ssh://root@c/system", "same=qemu+ssh://root@C/system" ]\n',
  });
  expect(await run()).toEqual({
    code: 0,
    stdout: `Connection cellar added: qemu+ssh://root@c/system
Left out: qemu+ssh://root@C/system: it is there already as cellar
`,
    stderr: 'virt-manager: it has saved no connections\n',
  });
});

test('programs that are absent are told in words, and nothing is written', async () => {
  const { run, text } = await machine({ programs: { gsettings: 'echo "No such schema x" >&2; exit 1' } });
  const { code, stdout, stderr } = await run();
  expect(code).toBe(0);
  expect(stdout).toMatch(/Nothing to import\n$|Connection|Left out/);
  expect(stderr).toContain(
    'virt-manager: its connections cannot be read: gsettings: No such schema x; dconf is not installed\n',
  );
  await expect(text()).rejects.toThrow('ENOENT');
});

test.each([
  ["['qemu:///system', \"it's\"]", ['qemu:///system', "it's"]],
  ['@as []', []],
  ['', []],
  ["['a\\\\b\\'c']", ["a\\b'c"]],
])('a list as GVariant writes it: %s', (printed, strings) => {
  expect(stringsOf(printed)).toEqual(strings);
});
