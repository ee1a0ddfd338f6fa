import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import type { Prompt } from '../../source/transport/endpoint.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { makeKey, Sshd } from '../support/sshd.js';

const me = userInfo().username;

requires(
  'libvirtd',
  'sshd',
  'netcat',
)('a host over ssh', () => {
  let daemon: PrivateLibvirtd;
  let sshd: Sshd;
  let runtime: string;
  let known: string;
  const opened: RemoteHypervisor[] = [];
  const silent: Server[] = [];

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'ssh', config: 'auth_unix_rw = "none"\n' });
    sshd = await Sshd.start();
    known = await sshd.knownHosts();
  });

  afterAll(async () => {
    await sshd?.stop();
    await daemon?.stop();
  });

  beforeEach(async () => {
    runtime = await mkdtemp(join(tmpdir(), 'vd-rt-'));
  });

  afterEach(async () => {
    for (const hypervisor of opened.splice(0)) await hypervisor.close();
    for (const server of silent.splice(0)) server.close();
    const folder = join(runtime, 'virtdeck');
    // The logins that are kept for the next connection.
    for (const name of await readdir(folder).catch(() => []))
      if (name.startsWith('ssh-')) await runProcess('ssh', ['-O', 'exit', '-S', join(folder, name), 'x']);
    await rm(runtime, { recursive: true, force: true });
  });

  interface Try {
    readonly parameters?: Readonly<Record<string, string>>;
    readonly ask?: (prompt: Prompt) => Promise<string | undefined>;
    readonly port?: number;
    readonly user?: string;
    readonly signal?: AbortSignal;
    readonly at?: Sshd;
  }

  async function open({ parameters = {}, ask, port, user = me, signal, at = sshd }: Try = {}) {
    const query = new URLSearchParams({
      socket: daemon.socket,
      keyfile: at.key,
      known_hosts: known,
      ...parameters,
    });
    const steps: string[] = [];
    const hypervisor = await openHypervisor(
      `test+ssh://${user}@127.0.0.1:${port ?? at.port}/default?${query}`,
      {
        env: { ...process.env, XDG_RUNTIME_DIR: runtime, SSH_AUTH_SOCK: '' },
        keepalive: true,
        onStep: (step) => steps.push(step),
        ...(ask && { ask }),
        ...(signal && { signal }),
      },
    );
    opened.push(hypervisor);
    return { hypervisor, steps, domains: (await hypervisor.listDomains()).map(({ name }) => name) };
  }

  async function failure(given: Try): Promise<LibvirtError> {
    return open(given).then(
      () => {
        throw new Error('it was opened');
      },
      (error) => error,
    );
  }

  it('is opened by a key that needs no words, and the next connection shares the login', async () => {
    const before = (await sshd.commands()).length;
    const first = await open();
    expect(first.domains).toEqual(['test']);
    expect(first.steps).toEqual([
      `logging in to ${me}@127.0.0.1 (ssh)`,
      `logged in to ${me}@127.0.0.1 (127.0.0.1, publickey)`,
      'waiting for the daemon',
      'opening',
    ]);
    const second = await open();
    expect(second.domains).toEqual(['test']);
    // Nobody logs in a second time.
    expect(second.steps).toEqual(['waiting for the daemon', 'opening']);
    expect((await sshd.commands()).length).toBe(before + 2);
  });

  it('asks whether an unknown host key is right, and takes yes for yes', async () => {
    const prompts: Prompt[] = [];
    const file = join(runtime, 'none');
    const { domains } = await open({
      parameters: { known_hosts: file },
      ask: async (prompt) => {
        prompts.push(prompt);
        return 'yes';
      },
    });
    expect(domains).toEqual(['test']);
    expect(prompts).toMatchObject([{ kind: 'confirm', host: `${me}@127.0.0.1` }]);
    // Nothing of the asking is left behind.
    expect((await readdir(join(runtime, 'virtdeck'))).filter((name) => name.startsWith('ask'))).toEqual([]);
    expect(prompts[0]?.text).toMatch(/fingerprint is SHA256:[\s\S]*continue connecting\?$/);
  });

  it('does not log in where the host key is not taken for right', async () => {
    const given = { parameters: { known_hosts: join(runtime, 'none') } };
    expect(await failure({ ...given, ask: async () => 'no' })).toMatchObject({
      kind: 'connect',
      message: `ssh to ${me}@127.0.0.1: its host key is not known`,
    });
    // Esc: nothing is said to ssh at all, and it ends.
    expect(await failure({ ...given, ask: async () => undefined })).toMatchObject({ kind: 'aborted' });
    // Nobody there: nothing is asked.
    expect(await failure(given)).toMatchObject({ message: expect.stringContaining('host key is not known') });
  });

  it('names the line that forgets a host key which has changed', async () => {
    const file = join(runtime, 'changed');
    const other = await runProcess('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-f',
      join(runtime, 'other'),
    ]);
    expect(other.exitCode).toBe(0);
    const { stdout } = await runProcess('cut', ['-d', ' ', '-f', '1,2', join(runtime, 'other.pub')]);
    await writeFile(file, `[127.0.0.1]:${sshd.port} ${stdout}`);
    const error = await failure({ parameters: { known_hosts: file }, ask: async () => 'yes' });
    expect(error.message).toContain('its host key has changed');
    expect(error.hint).toContain(`ssh-keygen -f "${file}" -R "[127.0.0.1]:${sshd.port}"`);
    expect(error.hint).toContain('SHA256:');
  });

  it('asks for the passphrase of a key, again where it was wrong', async () => {
    const key = join(runtime, 'locked');
    await makeKey(key, 'open sesame');
    await runProcess('sh', [
      '-c',
      'cat "$1" >> "$2"',
      'sh',
      `${key}.pub`,
      join(sshd.folder, 'authorized_keys'),
    ]);
    const prompts: Prompt[] = [];
    const answers = ['wrong', 'open sesame'];
    const { domains } = await open({
      parameters: { keyfile: key },
      ask: async (prompt) => {
        prompts.push(prompt);
        return answers.shift();
      },
    });
    expect(domains).toEqual(['test']);
    expect(prompts.map(({ kind, text }) => [kind, text])).toEqual([
      ['secret', `Enter passphrase for key '${key}':`],
      ['secret', `Enter passphrase for key '${key}':`],
    ]);
    expect(prompts.map(({ again }) => again)).toEqual([undefined, 'That was not right.']);
  });

  it('says in words who refuses a login, who does not answer, and what is no name', async () => {
    await makeKey(join(runtime, 'stranger'));
    expect(await failure({ parameters: { keyfile: join(runtime, 'stranger') } })).toMatchObject({
      message: `ssh to ${me}@127.0.0.1: the login was refused (it takes: publickey)`,
      hint: expect.stringContaining(` ${me}@127.0.0.1`),
    });
    expect(await failure({ port: 1 })).toMatchObject({
      message: expect.stringContaining('nothing answers on port 1'),
    });
    expect(await failure({ user: '-oProxyCommand=touch x' })).toMatchObject({
      message: '"-oProxyCommand=touch x" is no name of a user for ssh',
    });
    expect(await failure({ user: 'a`touch x`' })).toMatchObject({
      message: expect.stringContaining('is no name'),
    });
  });

  it('gives up at once, whatever ssh is at', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.write('SSH-2.0-OpenSSH_9.2\r\n');
    }).listen(0, '127.0.0.1');
    silent.push(server);
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const end = new AbortController();
    const error = failure({ port, signal: end.signal });
    await new Promise((resolve) => server.once('connection', resolve));
    end.abort();
    expect(await error).toMatchObject({ kind: 'aborted' });
    for (const socket of sockets) socket.destroy();
  });

  it('takes virt-ssh-helper where it is, else netcat, else says what to install', async () => {
    const folder = join(runtime, 'bin');
    await mkdir(folder);
    for (const name of ['sh', 'grep', 'id', 'cat'])
      await symlink(`/bin/${name}`, join(folder, name)).catch(() => {});
    await chmod(runtime, 0o755);
    const bare = await Sshd.start({ path: folder });
    try {
      known = await bare.knownHosts();
      const auto = { at: bare, parameters: { proxy: 'auto' } };
      expect(await failure(auto)).toMatchObject({
        message: `ssh to ${me}@127.0.0.1: there is neither virt-ssh-helper nor nc on it`,
        hint: expect.stringContaining('libvirt-daemon'),
      });
      await symlink('/bin/nc.openbsd', join(folder, 'nc'));
      expect((await open(auto)).domains).toEqual(['test']);
      // A helper that stands in for the real one: it is handed the name, and talks to the daemon.
      await writeFile(
        join(folder, 'virt-ssh-helper'),
        `#!/bin/sh\n[ "$1" = test:///default ] && exec /bin/nc.openbsd -q0 -U ${daemon.socket}\n`,
        { mode: 0o755 },
      );
      await rm(join(folder, 'nc'));
      expect((await open(auto)).domains).toEqual(['test']);
    } finally {
      await bare.stop();
      known = await sshd.knownHosts();
    }
  });

  it('tells the loss of a connection whose ssh is killed', async () => {
    const { hypervisor } = await open();
    const { stdout } = await runProcess('pgrep', ['-f', `${join(runtime, 'virtdeck')}/ssh-`]);
    const pids = stdout.trim().split('\n').map(Number);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    expect((await hypervisor.closed)?.message).toMatch(/ssh|connection/);
  });
});
