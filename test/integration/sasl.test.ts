import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import type { Prompt } from '../../source/transport/endpoint.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import { requires } from '../support/requirements.js';
import { runProcess } from '../support/run-process.js';
import { freePort } from '../support/sshd.js';

const password = 'pässword, with = and ,';

requires('libvirtd', 'sasl')('a host that asks for a name and a password', () => {
  let folder: string;
  let daemon: PrivateLibvirtd;
  let tcp: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-sasl-'));
    await chmod(folder, 0o755);
    await mechanisms('scram-sha-256 scram-sha-1 plain');
    const set = [
      '-c',
      'printf %s "$1" | saslpasswd2 -p -c -f "$2/sasldb2" -a libvirt admin',
      'sh',
      password,
      folder,
    ];
    expect((await runProcess('sh', set)).stderr).toBe('');
    await chmod(join(folder, 'sasldb2'), 0o644);
    tcp = await freePort();
    daemon = await PrivateLibvirtd.start({
      name: 'sasl',
      listen: true,
      env: { SASL_CONF_PATH: folder },
      config: [
        'auth_unix_rw = "sasl"',
        'auth_tcp = "sasl"',
        'listen_tls = 0',
        'listen_tcp = 1',
        'listen_addr = "127.0.0.1"',
        `tcp_port = "${tcp}"`,
        '',
      ].join('\n'),
    });
  });

  afterAll(async () => {
    await daemon?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function mechanisms(list: string): Promise<void> {
    return writeFile(
      join(folder, 'libvirt.conf'),
      `mech_list: ${list}\nsasldb_path: ${folder}/sasldb2\npwcheck_method: auxprop\nauxprop_plugin: sasldb\n`,
      { mode: 0o644 },
    );
  }

  async function open(
    more = '',
    ask?: (prompt: Prompt) => Promise<string | undefined>,
  ): Promise<readonly string[]> {
    const uri = `${daemon.testUri}${more}`;
    const env = { HOME: folder, XDG_CONFIG_HOME: join(folder, 'config') };
    const hypervisor = await openHypervisor(uri, { env, ...(ask && { ask }) });
    const listed = await hypervisor.listDomains();
    await hypervisor.close();
    return listed.map(({ name }) => name);
  }

  const failure = (...given: Parameters<typeof open>): Promise<LibvirtError> =>
    open(...given).then(
      () => {
        throw new Error('it was opened');
      },
      (error) => error,
    );

  const answers = (...texts: readonly string[]) => {
    const left = [...texts];
    const prompts: Prompt[] = [];
    const ask = async (prompt: Prompt) => {
      prompts.push(prompt);
      return left.shift();
    };
    return { ask, prompts };
  };

  it.each(['scram-sha-256', 'scram-sha-1', 'plain'])('lets in by %s', async (mechanism) => {
    expect(await open(`&auth=sasl.${mechanism}`, answers('admin', password).ask)).toEqual(['test']);
  });

  it('asks again where the password was wrong, and the name is the one that is shown', async () => {
    const { ask, prompts } = answers('admin', 'wrong', 'admin', password);
    expect(await open('', ask)).toEqual(['test']);
    expect(prompts.map(({ kind, text, again }) => [kind, text, again])).toEqual([
      ['text', 'Name for libvirt on localhost:', undefined],
      ['secret', 'Password of admin:', undefined],
      ['text', 'Name for libvirt on localhost:', 'The host did not take that.'],
      ['secret', 'Password of admin:', 'The host did not take that.'],
    ]);
  });

  it('ends where nobody answers, and where nobody is there', async () => {
    expect(await failure('', answers().ask)).toMatchObject({ kind: 'aborted' });
    expect(await failure()).toMatchObject({
      kind: 'connect',
      message: 'the host asks for a name and a password (SASL), and there are none',
      hint: expect.stringContaining('auth.conf'),
    });
  });

  it('takes them from auth.conf without asking', async () => {
    const file = join(folder, 'auth.conf');
    const text = `[credentials-lab]\nauthname=admin\npassword=${password}\n\n[auth-libvirt-default]\ncredentials=lab\n`;
    await writeFile(file, text, { mode: 0o600 });
    expect(await open(`&authfile=${file}`)).toEqual(['test']);
  });

  it('says what the host offers where that is nothing it knows', async () => {
    expect(await failure('&auth=sasl.gssapi')).toMatchObject({
      message: expect.stringMatching(
        /^the host offers .*; virtdeck knows SCRAM-SHA-256, SCRAM-SHA-1, PLAIN$/,
      ),
      hint: expect.stringContaining('qemu+ssh://'),
    });
    expect(await failure('&auth=polkit')).toMatchObject({
      message: 'the URI asks for the authentication "polkit", and the daemon has sasl',
    });
  });

  it('sends no password where others can read it', async () => {
    const error = await openHypervisor(`test+tcp://127.0.0.1:${tcp}/default`, {
      ask: answers('admin', password).ask,
    }).then(
      () => undefined,
      (reason: LibvirtError) => reason,
    );
    expect(error?.message).toMatch(/authentication failed|in the clear/);
  });
});
