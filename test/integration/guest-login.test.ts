import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import { serveLab } from '../../source/lab/serve.js';
import { parseConnectionUri } from '../../source/libvirt/connection-uri.js';
import { domainXml } from '../../source/libvirt/xml/domain-definition-xml.js';
import { guestLogin } from '../../source/provision/guest-login.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { Sshd } from '../support/sshd.js';

const me = userInfo().username;
const address = '192.168.122.7';

requires('sshd', 'netcat')('a guest behind a host, each with an sshd', () => {
  let host: Sshd;
  let guest: Sshd;
  let folder: string;
  let config: string;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-in-'));
    host = await Sshd.start();
    guest = await Sshd.start();
    config = join(folder, 'config');
    const known = join(folder, 'known_hosts');
    await writeFile(known, '');
    for (const one of [host, guest])
      await writeFile(known, await readFile(await one.knownHosts()), { flag: 'a' });
    await writeFile(
      config,
      [
        `Host ${address}`,
        // Nobody has that address here: it leads to the guest's sshd only as it is seen from the host.
        '  HostName 127.0.0.1',
        `  Port ${guest.port}`,
        'Host jump',
        '  HostName 127.0.0.1',
        `  Port ${host.port}`,
        'Host *',
        `  IdentityFile ${host.key}`,
        `  IdentityFile ${guest.key}`,
        `  UserKnownHostsFile ${known}`,
        '',
      ].join('\n'),
    );
    await writeFile(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`);
    await chmod(join(folder, 'ssh'), 0o755);
  });

  afterAll(async () => {
    const logins = join(folder, 'virtdeck');
    for (const name of await readdir(logins).catch(() => []))
      if (name.startsWith('ssh-')) await runProcess('ssh', ['-O', 'exit', '-S', join(logins, name), 'x']);
    for (const end of ends.reverse()) await end();
    await host?.stop();
    await guest?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = () => ({
    PATH: `${folder}:${process.env.PATH}`,
    XDG_RUNTIME_DIR: folder,
    XDG_CONFIG_HOME: folder,
    SSH_AUTH_SOCK: '',
    NODE_NO_WARNINGS: '1',
  });

  function argsFor(uri: string, ...command: readonly string[]): readonly string[] {
    const reach = {
      kind: 'address',
      address: { interface: 'eth0', mac: undefined, family: 'ipv4', address, prefix: 24, source: 'agent' },
    } as const;
    const { endpoint } = parseConnectionUri(uri);
    const login = guestLogin({ name: 'web-1', user: me, reach, endpoint }, { command });
    if ('missing' in login) throw new Error(login.missing);
    return login.args;
  }

  it('is reached by -J, and its exit code comes back', async () => {
    const args = argsFor(`qemu+ssh://${me}@jump/system`, 'echo', 'here; exit 7');
    expect(args[0]).toBe('-J');
    const { stdout, exitCode } = await runProcess('ssh', args, { env: environment() });
    expect([stdout, exitCode]).toEqual(['here\n', 7]);
    expect((await guest.commands()).at(-1)).toBe('echo here; exit 7');
  });

  it('is reached with the key and the known hosts that the URI has for the host', async () => {
    const known = await host.knownHosts();
    const query = new URLSearchParams({ keyfile: host.key, known_hosts: known });
    const args = argsFor(`qemu+ssh://${me}@127.0.0.1:${host.port}/system?${query}`, 'echo', 'here');
    expect(args[0]).toBe('-o');
    expect((await runProcess('ssh', args, { env: environment() })).stdout).toBe('here\n');
  });

  it('is logged in to by virtdeck ssh, over the login to its host, by the port that leads to it there', async () => {
    const lab = createLab({ domains: 0 });
    const served = await serveLab(lab, join(folder, 'lab.sock'));
    ends.push(served.close);
    await chmod(join(folder, 'lab.sock'), 0o666);
    await chmod(folder, 0o755);
    const hypervisor = await openLab(lab);
    const xml = domainXml({
      ...{ name: 'web-1', virtType: 'kvm', arch: 'x86_64', machine: 'q35', vcpus: 1, memory: 2 ** 28 },
      ...{ cpu: 'default', firmware: 'bios', disks: [], noteMetadata: { user: me } },
      interfaces: [{ kind: 'user', model: 'virtio' }],
    });
    const forward = `<backend type="passt"/><portForward proto="tcp"><range start="${guest.port}" to="22"/></portForward>`;
    const made = await hypervisor.defineDomain(xml.replace('</interface>', `${forward}</interface>`));
    await hypervisor.start(made);
    await hypervisor.close();
    const query = new URLSearchParams({
      socket: join(folder, 'lab.sock'),
      keyfile: host.key,
      known_hosts: await host.knownHosts(),
    });
    const uri = `qemu+ssh://${me}@127.0.0.1:${host.port}/system?${query}`;
    const words = [
      '--import',
      'tsx',
      'cli.tsx',
      'ssh',
      '-c',
      uri,
      'web-1',
      'echo',
      '-n',
      'in the guest; exit 5',
    ];
    const { stdout, stderr, exitCode } = await runProcess(process.execPath, words, { env: environment() });
    expect([stdout, stderr, exitCode]).toEqual(['in the guest', '', 5]);
    expect((await guest.commands()).at(-1)).toBe('echo -n in the guest; exit 5');
    // Nobody logs in to the host any more: the way is the login that is there.
    await writeFile(join(host.folder, 'authorized_keys'), '');
    const again = await runProcess(process.execPath, words, { env: environment() });
    expect([again.stdout, again.exitCode]).toEqual(['in the guest', 5]);
  });
});
