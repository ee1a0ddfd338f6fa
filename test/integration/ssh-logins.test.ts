import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import type { Prompt } from '../../source/transport/endpoint.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { Sshd } from '../support/sshd.js';

const user = 'virtdeck-login';
const password = 'correct horse';
/** Of the one-time codes, in base32 as the file has it. */
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEH';

requires(
  'root',
  'libvirtd',
  'sshd',
  'netcat',
  'one-time-code',
)('logins over ssh that ask', () => {
  let folder: string;
  let daemon: PrivateLibvirtd;
  const running: Sshd[] = [];

  beforeAll(async () => {
    daemon = await PrivateLibvirtd.start({ name: 'login', config: 'auth_unix_rw = "none"\n' });
    // Any user may connect: the daemon asks nobody who they are.
    await chmod(daemon.socket, 0o777);
    await chmod(join(daemon.folder, 'run'), 0o755);
    await chmod(join(daemon.folder, 'run', 'libvirt'), 0o755);
    await runProcess('useradd', ['--system', '--no-create-home', '--shell', '/bin/sh', user]);
    await runProcess('sh', ['-c', 'echo "$1:$2" | chpasswd', 'sh', user, password]);
  });

  afterAll(async () => {
    await runProcess('userdel', [user]);
    await daemon?.stop();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-login-'));
  });

  afterEach(async () => {
    for (const name of await readdir(join(folder, 'virtdeck')).catch(() => []))
      if (name.startsWith('ssh-'))
        await runProcess('ssh', ['-O', 'exit', '-S', join(folder, 'virtdeck', name), 'x']);
    for (const sshd of running.splice(0)) await sshd.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function sshdWith(config: readonly string[], program?: string): Promise<Sshd> {
    const sshd = await Sshd.start({ config, ...(program && { program }) });
    running.push(sshd);
    return sshd;
  }

  async function open(authority: string, parameters: Record<string, string>, answers: readonly string[]) {
    const prompts: Prompt[] = [];
    const left = [...answers];
    const query = new URLSearchParams({ socket: daemon.socket, no_verify: '1', ...parameters });
    const hypervisor = await openHypervisor(`test+ssh://${authority}/default?${query}`, {
      env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder },
      ask: async (prompt) => {
        prompts.push(prompt);
        return left.shift();
      },
    });
    const domains = await hypervisor.listDomains();
    await hypervisor.close();
    return { domains: domains.map(({ name }) => name), prompts };
  }

  it('asks for a password once, again where it was wrong, and for the next connection not at all', async () => {
    const { port } = await sshdWith(['PasswordAuthentication yes', 'AuthenticationMethods password']);
    const place = `${user}@127.0.0.1:${port}`;
    const { domains, prompts } = await open(place, {}, ['wrong', password]);
    expect(domains).toEqual(['test']);
    expect(prompts).toMatchObject([
      { kind: 'secret', text: `${user}@127.0.0.1's password:` },
      { kind: 'secret', text: `${user}@127.0.0.1's password:`, again: 'That was not right.' },
    ]);
    expect((await open(place, {}, [])).prompts).toEqual([]);
  });

  it('sends nothing to the host where the password is not told', async () => {
    const { port } = await sshdWith(['PasswordAuthentication yes', 'AuthenticationMethods password']);
    const error = await open(`${user}@127.0.0.1:${port}`, {}, []).catch((reason: LibvirtError) => reason);
    expect(error).toMatchObject({ kind: 'aborted', message: 'the question was not answered' });
  });

  it('asks for a one-time code besides the password', async () => {
    const name = `sshd-virtdeck-${randomBytes(4).toString('hex')}`;
    const pam = join('/etc/pam.d', name);
    const secrets = join(folder, 'secrets');
    await chmod(folder, 0o755);
    await writeFile(secrets, `${secret}\n" TOTP_AUTH\n`, { mode: 0o600 });
    const codes = `auth required pam_google_authenticator.so secret=${secrets} user=root no_strict_owner allowed_perm=0600`;
    await writeFile(
      pam,
      `auth required pam_unix.so\n${codes}\naccount required pam_permit.so\nsession required pam_permit.so\n`,
    );
    try {
      await symlink('/usr/sbin/sshd', join(folder, name));
      const config = [
        'UsePAM yes',
        'KbdInteractiveAuthentication yes',
        'AuthenticationMethods keyboard-interactive',
      ];
      const { port } = await sshdWith(config, join(folder, name));
      const { domains, prompts } = await open(`${user}@127.0.0.1:${port}`, {}, [password, totp(secret)]);
      expect(domains).toEqual(['test']);
      expect(prompts.map(({ kind, text }) => [kind, text])).toEqual([
        ['secret', `(${user}@127.0.0.1) Password:`],
        ['secret', `(${user}@127.0.0.1) Verification code:`],
      ]);
    } finally {
      await rm(pam, { force: true });
    }
  });

  it('goes through a jump host of the user’s own configuration, each asking for itself', async () => {
    const jump = await sshdWith([
      'PasswordAuthentication yes',
      'AuthenticationMethods password',
      'AllowTcpForwarding yes',
    ]);
    const target = await sshdWith([]);
    const config = join(folder, 'config');
    await writeFile(
      config,
      [
        'Host jump',
        `  HostName 127.0.0.1\n  Port ${jump.port}\n  User ${user}`,
        'Host target',
        `  HostName 127.0.0.1\n  Port ${target.port}\n  User ${userInfo().username}\n  IdentityFile ${target.key}\n  ProxyJump jump`,
        'Host *',
        '  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  GlobalKnownHostsFile /dev/null\n  IdentitiesOnly yes',
        '',
      ].join('\n'),
    );
    const command = join(folder, 'ssh');
    await writeFile(command, `#!/bin/sh\nexec ssh -F ${config} "$@"\n`, { mode: 0o755 });
    const { domains, prompts } = await open('target', { command }, [password]);
    expect(domains).toEqual(['test']);
    expect(prompts).toMatchObject([
      { kind: 'secret', text: `${user}@127.0.0.1's password:`, host: 'target' },
    ]);
  });
});

/** The code of now, as RFC 6238 has it. */
function totp(base32: string): string {
  const bits = [...base32].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
