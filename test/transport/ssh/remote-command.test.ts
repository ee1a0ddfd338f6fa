import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Endpoint } from '../../../source/transport/endpoint.js';
import { noProxyMark, remoteCommand } from '../../../source/transport/ssh/remote-command.js';
import { runProcess } from '../../support/run-process.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-far-'));
  await mkdir(join(folder, 'bin'));
  for (const name of ['sh', 'grep']) await symlink(`/bin/${name}`, join(folder, 'bin', name));
  // Whoever runs the tests: the far side's user is an ordinary one.
  await writeFile(join(folder, 'bin', 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const endpoint: Endpoint = {
  transport: 'ssh',
  driver: 'qemu',
  scope: 'session',
  readOnly: false,
  mode: 'auto',
  host: 'lab2',
  name: 'qemu:///session',
  options: {},
};

/** A program of the far side that says how it was called. */
async function install(name: string, before = ''): Promise<void> {
  const path = join(folder, 'bin', name);
  await writeFile(path, `#!/bin/sh\n${before}\necho "${name}"; for a in "$@"; do echo "<$a>"; done\n`);
  await chmod(path, 0o755);
}

/** What the far side does, told by the login shell that runs the command. */
async function run(parts: Partial<Endpoint>): Promise<{ said: string[]; stderr: string }> {
  const args = ['-i', `PATH=${folder}/bin`, `XDG_RUNTIME_DIR=${folder}`, '/bin/sh', '-c'];
  const { stdout, stderr } = await runProcess('env', [...args, remoteCommand({ ...endpoint, ...parts })]);
  return { said: stdout.split('\n').filter((line) => line !== ''), stderr };
}

it('hands the name to virt-ssh-helper, where that is there', async () => {
  await install('virt-ssh-helper');
  await install('nc');
  expect((await run({})).said).toEqual(['virt-ssh-helper', '<qemu:///session>']);
  expect((await run({ readOnly: true })).said).toEqual(['virt-ssh-helper', '<-r>', '<qemu:///session>']);
});

it('gives odd names to it as they are: nothing in them is a command', async () => {
  await install('virt-ssh-helper');
  const name = `qemu:///session?x='; touch ${folder}/made; echo "$(touch ${folder}/made)"`;
  expect((await run({ name })).said).toEqual(['virt-ssh-helper', `<${name}>`]);
  expect((await runProcess('ls', [folder])).stdout).not.toContain('made');
});

it('falls back to netcat, with -q0 where that is known', async () => {
  await install('nc', `[ "$*" = -q ] && { echo 'nc: option requires an argument -- q' >&2; exit 1; }`);
  expect((await run({})).said).toEqual(['nc', '<-q0>', '<-U>', `<${folder}/libvirt/libvirt-sock>`]);
  await install('nc');
  expect((await run({})).said).toEqual(['nc', '<-U>', `<${folder}/libvirt/libvirt-sock>`]);
});

it('finds the socket of the daemon of the driver, where that runs', async () => {
  await install('nc');
  await mkdir(join(folder, 'libvirt'));
  const path = join(folder, 'libvirt', 'virtqemud-sock');
  const server = createServer().listen(path);
  await new Promise((resolve) => server.once('listening', resolve));
  expect((await run({})).said.at(-1)).toBe(`<${path}>`);
  expect((await run({ mode: 'legacy' })).said.at(-1)).toBe(`<${folder}/libvirt/libvirt-sock>`);
  server.close();
});

it('takes the socket and the netcat that the URI names', async () => {
  await install('virt-ssh-helper');
  await install('my nc');
  const { said } = await run({ socket: "/srv/it's here", options: { netcat: 'my nc' } });
  expect(said).toEqual(['my nc', '<-U>', "</srv/it's here>"]);
});

it('says what is missing where there is neither', async () => {
  expect((await run({})).stderr).toBe(`${noProxyMark} nc\n`);
});

it('a socket is no option of netcat', async () => {
  await install('nc');
  expect((await run({ socket: '-x' })).said.at(-1)).toBe('<./-x>');
});
