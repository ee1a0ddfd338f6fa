import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { type OpenOptions, openHypervisor } from '../../source/libvirt/open.js';
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
)('ssh in trouble', () => {
  let daemon: PrivateLibvirtd;
  let sshd: Sshd;
  let known: string;
  let runtime: string;
  let locked: string;
  const opened: RemoteHypervisor[] = [];

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'ssh-trouble', config: 'auth_unix_rw = "none"\n' });
    sshd = await Sshd.start({ config: ['MaxSessions 2'] });
    known = await sshd.knownHosts();
    locked = join(sshd.folder, 'locked');
    await makeKey(locked, 'open sesame');
    const authorize = 'cat "$1" >> "$2"';
    await runProcess('sh', ['-c', authorize, 'sh', `${locked}.pub`, join(sshd.folder, 'authorized_keys')]);
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
    for (const path of await sockets()) await runProcess('ssh', ['-O', 'exit', '-S', path, 'x']);
    await rm(runtime, { recursive: true, force: true });
  });

  const left = () => readdir(join(runtime, 'virtdeck')).catch((): string[] => []);
  const sockets = async () =>
    (await left()).filter((name) => name.startsWith('ssh-')).map((name) => join(runtime, 'virtdeck', name));

  function uriOf(parameters: Readonly<Record<string, string>>, port = sshd.port): string {
    const all = { socket: daemon.socket, keyfile: sshd.key, known_hosts: known, ...parameters };
    return `test+ssh://${me}@127.0.0.1:${port}/default?${new URLSearchParams(all)}`;
  }

  async function open(
    parameters: Readonly<Record<string, string>> = {},
    options: OpenOptions & { readonly port?: number } = {},
  ): Promise<RemoteHypervisor> {
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime, SSH_AUTH_SOCK: '' };
    const hypervisor = await openHypervisor(uriOf(parameters, options.port), {
      env,
      keepalive: true,
      ...options,
    });
    opened.push(hypervisor);
    return hypervisor;
  }

  const failure = (...given: Parameters<typeof open>): Promise<LibvirtError> =>
    open(...given).then(
      () => {
        throw new Error('it was opened');
      },
      (error) => error,
    );

  function person(answer: () => Promise<string | undefined>) {
    const prompts: Prompt[] = [];
    const ask = (prompt: Prompt) => {
      prompts.push(prompt);
      return answer();
    };
    return { prompts, ask };
  }

  /** A program that stands for ssh. */
  async function wrapper(body: string): Promise<string> {
    const path = join(runtime, 'wrapper');
    await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return path;
  }

  it('many connections of one host ask one question, also where nobody answers it', async () => {
    const nobody = person(async () => undefined);
    const failures = await Promise.all(
      Array.from({ length: 5 }, () => failure({ keyfile: locked }, { ask: nobody.ask })),
    );
    expect(failures.map(({ message }) => message)).toEqual(Array(5).fill('the question was not answered'));
    expect(nobody.prompts).toHaveLength(1);
    expect(await left()).toEqual([]);
    const somebody = person(async () => 'open sesame');
    await Promise.all([1, 2].map(() => open({ keyfile: locked }, { ask: somebody.ask })));
    expect(somebody.prompts).toHaveLength(1);
  });

  it('one that waits for the login of another can be given up at once', async () => {
    const first = new AbortController();
    const second = new AbortController();
    let isAsked: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const ask = () => new Promise<undefined>(() => isAsked());
    const opening = failure({ keyfile: locked }, { ask, signal: first.signal });
    await asked;
    const waiting = failure({ keyfile: locked }, { ask, signal: second.signal });
    second.abort();
    expect(await waiting).toMatchObject({ kind: 'aborted' });
    first.abort();
    expect(await opening).toMatchObject({ kind: 'aborted' });
    await vi.waitFor(async () => expect(await left()).toEqual([]));
  });

  it('a question of a connection beyond MaxSessions says why, and may take longer than a host may be silent', async () => {
    const asked = person(async () => 'open sesame');
    await open({ keyfile: locked }, { ask: asked.ask });
    await open({ keyfile: locked }, { ask: asked.ask });
    const slow = person(async () => {
      // Four times as long as anything may be silent here.
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return 'open sesame';
    });
    await open({ keyfile: locked }, { ask: slow.ask, keepalive: { interval: 500, count: 1 } });
    expect(slow.prompts.map(({ again }) => again)).toEqual([expect.stringContaining('MaxSessions')]);
  });

  it.each([
    ['a command for shells', 'RemoteCommand ls'],
    ['a command of this machine that writes', 'PermitLocalCommand yes\nLocalCommand echo hello'],
    ['a terminal in any case', 'RequestTTY force'],
    ['a login of their own that is shared', 'ControlMaster yes\nControlPath %d/vd-never-made'],
  ])('the user’s configuration may have %s', async (_what, config) => {
    await writeFile(join(runtime, 'config'), `${config}\n`);
    const command = await wrapper(`exec ssh -F ${runtime}/config "$@"`);
    expect(await (await open({ command })).listDomains()).toHaveLength(1);
  });

  it('the user’s configuration may forward a port that is taken already', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    await writeFile(
      join(runtime, 'config'),
      `LocalForward 127.0.0.1:${port} 127.0.0.1:22\nExitOnForwardFailure yes\n`,
    );
    const command = await wrapper(`exec ssh -F ${runtime}/config "$@"`);
    expect(await (await open({ command })).listDomains()).toHaveLength(1);
    server.close();
  });

  it('a program in the place of ssh need not tell when it has logged in', async () => {
    const command = await wrapper('exec ssh -q "$@"');
    expect(await (await open({ command })).listDomains()).toHaveLength(1);
  });

  it('a host that is silent after its banner, and a program that only makes noise, are told in words', async () => {
    const server = createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const silence = `nothing was heard for 1 s while logging in to ${me}@127.0.0.1 (ssh)`;
    const keepalive = { interval: 500, count: 1 };
    // All of a host are told at once, and not one after the other.
    const silent = await Promise.all([1, 2, 3].map(() => failure({}, { port, keepalive })));
    expect(silent.map(({ message }) => message)).toEqual(Array(3).fill(silence));
    server.close();
    const command = await wrapper('while :; do echo noise >&2; done');
    expect((await failure({ command }, { keepalive })).message).toMatch(/^nothing was heard for 1 s while /);
  });

  it('a login that is shared and deaf is left for a new one', async () => {
    const first = await open();
    const [path] = await sockets();
    const { stdout } = await runProcess('pgrep', ['-f', `${path} \\[mux\\]`]);
    const master = Number(stdout.trim().split('\n')[0]);
    expect(master).toBeGreaterThan(0);
    process.kill(master, 'SIGSTOP');
    try {
      const error = await failure({}, { keepalive: { interval: 500, count: 1 } });
      expect(error.message).toContain('nothing was heard for 1 s');
      expect(await (await open()).listDomains()).toHaveLength(1);
    } finally {
      process.kill(master, 'SIGKILL');
    }
    expect((await first.closed)?.message).toContain('the shared login has ended');
  });

  // Only root can give a folder away.
  const folders = [
    'a folder that is too long',
    'no folder',
    ...(process.getuid?.() === 0 ? ['somebody else’s folder'] : []),
  ];
  it.each(folders)('questions are asked with %s for the session as well', async (kind) => {
    const folder = kind.includes('long') ? join(runtime, 'x'.repeat(70)) : join(runtime, 'other');
    if (kind !== 'no folder') await runProcess('mkdir', [folder]);
    if (kind.startsWith('somebody')) await runProcess('chown', ['nobody', folder]);
    const common = `/tmp/virtdeck-${process.getuid?.()}`;
    const before = await readdir(common).catch((): string[] => []);
    const asked = person(async () => 'yes');
    const env = { ...process.env, XDG_RUNTIME_DIR: folder, SSH_AUTH_SOCK: '' };
    await open({ known_hosts: join(runtime, 'a new file') }, { env, ask: asked.ask });
    expect(asked.prompts).toHaveLength(1);
    expect(await readdir(folder).catch(() => [])).toEqual([]);
    for (const name of await readdir(common))
      if (!before.includes(name)) await runProcess('ssh', ['-O', 'exit', '-S', join(common, name), 'x']);
  });

  it('nothing of many connections is left: no program, no listener, no open file', async () => {
    await open();
    const life = new AbortController();
    const files = () => readdir('/proc/self/fd');
    const before = (await files()).length;
    for (let at = 0; at < 25; at += 1) {
      const hypervisor = await open({}, { signal: life.signal, ask: async () => undefined });
      await hypervisor.close();
    }
    await vi.waitFor(async () => {
      const { stdout } = await runProcess('ps', ['--ppid', String(process.pid), '-o', 'args=']);
      expect(stdout.match(/virtdeck\/ssh-/g) ?? []).toHaveLength(1);
    });
    expect((await files()).length).toBeLessThanOrEqual(before + 2);
    expect(await left()).toHaveLength(1);
  });

  it('a program that is killed while it asks takes ssh and its question with it', async () => {
    const script = join(runtime, 'asks.mjs');
    await writeFile(
      script,
      `import { openHypervisor } from ${JSON.stringify(join(process.cwd(), 'source/libvirt/open.ts'))};
       const ask = () => { console.log('asked'); return new Promise(() => {}); };
       await openHypervisor(${JSON.stringify(uriOf({ keyfile: locked }))}, { ask });`,
    );
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime, SSH_AUTH_SOCK: '' };
    const child = spawn(process.execPath, ['--import', 'tsx', script], { env });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await vi.waitFor(
      async () => expect((await runProcess('pgrep', ['-af', join(runtime, 'virtdeck')])).stdout).toBe(''),
      5000,
    );
    // What it could not take away goes with the next one that asks.
    await open({ keyfile: locked }, { ask: async () => 'open sesame' });
    expect((await left()).filter((name) => name.startsWith('ask-'))).toEqual([]);
  });
});
