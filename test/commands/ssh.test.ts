import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { ssh } from '../../source/commands/ssh.js';
import { openLab } from '../../source/lab/open.js';
import { domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import { runProcess } from '../support/run-process.js';
import { Terminal } from '../support/terminal.js';
import { failed, servedLabs } from './served-lab.js';

const serve = servedLabs();

/** A host with running domains, and a program named ssh that prints what it is given and ends with 7. */
async function host() {
  const bed = await serve({ domains: 3, names: ['web-1', 'web-2', 'off-1'] });
  const bin = join(bed.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ssh'), '#!/bin/sh\nfor word; do printf "<%s>" "$word"; done\nexit 7\n');
  await chmod(join(bin, 'ssh'), 0o755);
  return { ...bed, bin };
}

/** The program as it is started, with that ssh on its PATH. */
async function program(words: readonly string[], { bin, uri, folder }: Awaited<ReturnType<typeof host>>) {
  const args = ['--import', 'tsx', 'cli.tsx', 'ssh', '-c', uri, ...words];
  const env = { PATH: `${bin}:${process.env.PATH}`, XDG_CONFIG_HOME: folder, NODE_NO_WARNINGS: '1' };
  return runProcess(process.execPath, args, { env });
}

test('becomes ssh, with what follows the name as its command, and hands its exit code on', async () => {
  const bed = await host();
  const { stdout } = await bed.run(ssh, 'web-1', '--print');
  const address = stdout.trim().replace('ssh ', '');
  expect(address).toMatch(/^[\d.]+$/);
  const plain = await program(['web-1'], bed);
  expect([plain.stdout, plain.exitCode]).toEqual([`<${address}>`, 7]);
  const command = await program(['--user', 'me', 'web-1', 'ls', '-la', '--print', 'a b'], bed);
  expect(command.stdout).toBe(`<--><me@${address}><ls><-la><--print><a b>`);
});

test('an odd user is no name for ssh, and no domain of that name none to log in to', async () => {
  const bed = await host();
  expect(await bed.run(ssh, 'web-1', '--user=-oProxyCommand=id')).toEqual(
    failed(
      'error: "-oProxyCommand=id" is no name of a user for ssh\nhint: Say whom to log in as: --user NAME\n',
    ),
  );
  expect(await bed.run(ssh, 'nobody')).toEqual(failed("error: failed to get domain 'nobody'\n"));
  expect((await bed.run(ssh)).code).toBe(2);
});

test('the user is the one whom the creation has made, unless another is named', async () => {
  const bed = await host();
  const hypervisor = await openLab(bed.lab);
  const pool = await hypervisor.pools.lookup('default');
  const disk = Buffer.alloc(2 ** 20, 1);
  disk.set([0x55, 0xaa], 510);
  const volume = await hypervisor.volumes.create(
    pool,
    volumeXml({ name: 'made.img', capacity: 2 ** 20, format: 'raw' }),
  );
  const stream = await hypervisor.volumes.upload(volume, { offset: 0, length: 0 });
  await stream.write(disk);
  await stream.finish();
  const path = await hypervisor.volumes.path(volume);
  const made = await hypervisor.defineDomain(
    domainXml({
      ...{ name: 'made-1', virtType: 'kvm', arch: 'x86_64', machine: 'q35', vcpus: 1, memory: 2 ** 28 },
      ...{ cpu: 'default', firmware: 'bios' },
      disks: [{ device: 'disk', bus: 'virtio', format: 'raw', source: { type: 'file', path } }],
      interfaces: [{ kind: 'network', source: 'default', model: 'virtio', mac: '52:54:00:ab:cd:ef' }],
      noteMetadata: { user: 'isabell' },
    }),
  );
  await hypervisor.start(made);
  await hypervisor.close();
  expect(await bed.run(ssh, 'made-1', '--print')).toEqual(
    failed(
      'error: no address of made-1 is known: it has told none by a guest agent, and has no DHCP lease\n' +
        `hint: It may still be booting. Its console is a way in: virtdeck console made-1 -c '${bed.uri}'\n`,
    ),
  );
  bed.clock.advance(60_000);
  expect((await bed.run(ssh, 'made-1', '--print')).stdout).toMatch(/^ssh isabell@192\.168\.122\.\d+\n$/);
  expect((await bed.run(ssh, 'made-1', '--print', '--user', 'root')).stdout).toMatch(/^ssh root@192/);
});

test('names what is missing where it is off', async () => {
  const bed = await host();
  const off = [...bed.lab.world.domains.values()].find(({ id }) => id < 0)?.name ?? 'none is off';
  expect((await bed.run(ssh, off)).stderr).toBe(
    `error: ${off} is not running\nhint: Start it: virtdeck start ${off} -c '${bed.uri}'\n`,
  );
});

test('where there is no ssh that is said', async () => {
  const bed = await host();
  const env: CommandIo['env'] = { PATH: '/nonexistent', XDG_CONFIG_HOME: bed.folder };
  expect((await bed.runWith({ env }, ssh, 'web-1')).stderr).toBe(
    'error: there is no ssh on this machine\nhint: Install it (Debian, Ubuntu: sudo apt install openssh-client).\n',
  );
});

test('a signal that ends it ends ssh first, by the same one', async () => {
  const bed = await host();
  const log = join(bed.folder, 'log');
  const script = `#!/bin/sh\ntrap 'echo TERM > ${log}; kill $!; exit 0' TERM\nsleep 60 &\necho here\nwait\n`;
  await writeFile(join(bed.bin, 'ssh'), script, { mode: 0o755 });
  const terminal = Terminal.open({
    command: process.execPath,
    args: ['--import', 'tsx', 'cli.tsx', 'ssh', '-c', bed.uri, 'web-1'],
    env: { PATH: `${bed.bin}:${process.env.PATH}`, XDG_CONFIG_HOME: bed.folder, NODE_NO_WARNINGS: '1' },
  });
  await terminal.waitFor('here');
  terminal.signal('SIGTERM');
  expect(await terminal.onExit).toEqual({ exitCode: 143, signal: undefined });
  expect(await readFile(log, 'utf8')).toBe('TERM\n');
});
