import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePublicKey } from '../../../source/provision/cloud-init/public-key.js';
import { findKeys, readKeys } from '../../../source/provision/cloud-init/ssh-keys.js';
import { requires } from '../../support/requirements.js';
import { ed25519, makeKey, privateKey } from './examples.js';

const { signal } = new AbortController();
const env = { PATH: process.env.PATH };
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'virtdeck-test-keys-'));
  mkdirSync(join(home, '.ssh'));
});

afterEach(() => rmSync(home, { recursive: true }));

const put = (name: string, text: string): string => {
  const path = join(home, '.ssh', name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

describe('one key', () => {
  requires('openssh-client')('of ssh-keygen', () => {
    test.each([
      ['ed25519', undefined, 'ssh-ed25519'],
      ['ecdsa', 256, 'ecdsa-sha2-nistp256'],
      ['ecdsa', 384, 'ecdsa-sha2-nistp384'],
      ['ecdsa', 521, 'ecdsa-sha2-nistp521'],
      ['rsa', 2048, 'ssh-rsa'],
    ])('of %s %s bits', (type, bits, name) => {
      const { open } = makeKey(type, bits);
      expect(parsePublicKey(open)).toEqual({ type: name, text: open.trim(), comment: 'a test <&">' });
    });
  });

  test('keeps its options, in which spaces and quotes may be', () => {
    const text = `restrict,from="10.0.0.0/8, *.example.org",command="echo \\"ssh-rsa AAAA\\"" ${ed25519}`;
    expect(parsePublicKey(`  ${text}\t`)).toEqual({ type: 'ssh-ed25519', text, comment: 'isabell@laptop' });
  });

  const [, data = ''] = ed25519.split(' ');
  test.each([
    ['cut off', `ssh-ed25519 ${data.slice(0, -4)}`, 'damaged'],
    ['of another type', `ssh-rsa ${data}`, 'damaged'],
    ['with something behind its data', `ssh-ed25519 ${data}AAAA`, 'damaged'],
    ['with a letter that base64 has not', `ssh-ed25519 ${data.slice(0, -1)}!`, 'damaged'],
    ['too short', `ssh-rsa ${rsaData(768)}`, 'too short'],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3M=', 'DSA'],
    ['a certificate', `ssh-ed25519-cert-v01@openssh.com ${data}`, 'certificate'],
    ['PEM', '-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----', 'form of OpenSSH'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'PRIVATE'],
    ['a private key without its frame', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmU', 'PRIVATE'],
    ["PuTTY's private key", 'PuTTY-User-Key-File-3: ssh-ed25519', 'PRIVATE'],
    ['two lines', `${ed25519}\n${ed25519}`, 'one line'],
    ['a word', 'isabell', 'not a public SSH key'],
  ])('is refused: %s', (_, text, message) => {
    expect(parsePublicKey(text)).toMatchObject({ message: expect.stringContaining(message) });
  });
});

requires('openssh-client')('the keys of a person', () => {
  test('are those of ~/.ssh, the best first, without certificates and what is none', async () => {
    const rsa = makeKey('rsa', 2048);
    const ecdsa = makeKey('ecdsa', 256);
    put('a_rsa.pub', rsa.open);
    put('a_rsa', rsa.secret);
    put('b_ecdsa.pub', ecdsa.open);
    put('z_ed25519.pub', `${ed25519}\n`);
    put('z_ed25519-cert.pub', `ssh-ed25519-cert-v01@openssh.com AAAA\n`);
    put('copy.pub', ed25519.replace('laptop', 'old'));
    put('broken.pub', 'ssh-rsa AAAA\n');
    mkdirSync(join(home, '.ssh', 'folder.pub'));
    const keys = await findKeys({ home, env, signal });
    expect(keys.map(({ type }) => type)).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa']);
    expect(keys[2]).toMatchObject({ text: rsa.open.trim(), source: join(home, '.ssh', 'a_rsa.pub') });
  });

  test('are none where there is no folder and no agent', async () => {
    rmSync(join(home, '.ssh'), { recursive: true });
    expect(await findKeys({ home, env, signal })).toEqual([]);
    const gone = { ...env, SSH_AUTH_SOCK: join(home, 'nobody') };
    expect(await findKeys({ home, env: gone, signal })).toEqual([]);
    expect(await findKeys({ home, env: { SSH_AUTH_SOCK: '/x', PATH: home }, signal })).toEqual([]);
    mkdirSync(join(home, '.ssh'));
  });

  test('are those of the agent as well', async () => {
    const socket = join(home, 'agent');
    const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      if (agent.stdout) await once(agent.stdout, 'data');
      const { open, secret } = makeKey('ed25519');
      const withAgent = { ...env, SSH_AUTH_SOCK: socket };
      execFileSync('ssh-add', ['-q', put('id', secret)], { env: withAgent, stdio: 'ignore' });
      expect(await findKeys({ home, env: withAgent, signal })).toMatchObject([
        { text: open.trim(), source: 'ssh agent' },
      ]);
    } finally {
      agent.kill();
    }
  });
});

describe('keys that a person names', () => {
  const read = (source: string) => readKeys(source, { home, env, signal });

  test('the key itself', async () => {
    expect(await read(` ${ed25519}\n`)).toMatchObject([{ text: ed25519, source: 'typed' }]);
  });

  test('a file of several, with comments', async () => {
    const other = `ssh-rsa ${rsaData(2048)} other`;
    const path = put('authorized_keys', `# mine\n\n${ed25519}\r\n  ${other}`);
    const keys = await read('~/.ssh/authorized_keys');
    expect(keys.map(({ text }) => text)).toEqual([ed25519, other]);
    expect((await read(path))[0]?.source).toBe(path);
  });

  test.each([
    ['/nowhere/id.pub', 'no such file'],
    ['isabell', 'no such file'],
    ['ssh-ed25519 AAAA', 'damaged'],
    ['http://keys.example.org/isabell', 'https only'],
    ['https://', 'no URL'],
  ])('%s cannot be had', async (source, message) => {
    await expect(read(source)).rejects.toThrow(message);
  });

  test('a line that is no key is named; an empty file has none', async () => {
    await expect(read(put('a', `${ed25519}\nssh-rsa AAAA\n`))).rejects.toThrow(/a, line 2: .*damaged/);
    await expect(read(put('b', '# nothing\n'))).rejects.toThrow('no SSH key in it');
    await expect(read(put('c', 'x'.repeat(300_000)))).rejects.toThrow('larger than 256 KiB');
  });

  test('a private key is told as one, typed or in a file, and not repeated', async () => {
    for (const source of [privateKey, put('id', privateKey)]) {
      const error: Error = await read(source).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error.message).toContain('PRIVATE key');
      expect(`${error.message}${error.stack}`).not.toContain(privateKey.split('\n')[1]?.slice(0, 20));
    }
  });
});

describe('a URL', () => {
  const serve = async (listener: RequestListener) => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/isabell.keys`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  };

  test('gives its keys', async () => {
    await using site = await serve((_, response) => response.end(`${ed25519}\n`));
    expect(await readKeys(site.url, { home, env, signal })).toMatchObject([
      { text: ed25519, source: site.url },
    ]);
  });

  test('is asked for through the proxy of the environment that is given', async () => {
    const proxy = createServer().listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    try {
      const asked: (string | undefined)[] = [];
      proxy.on('connect', (request, socket) => {
        asked.push(request.url);
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
      const { port } = proxy.address() as AddressInfo;
      const proxied = { ...env, https_proxy: `http://127.0.0.1:${port}` };
      const reading = readKeys('https://keys.invalid/isabell', { home, env: proxied, signal });
      await expect(reading).rejects.toThrow('https://keys.invalid/isabell: the proxy answers 403');
      expect(asked).toEqual(['keys.invalid:443']);
    } finally {
      proxy.close();
    }
  });

  test.each([
    [404, 'nobody', 'answers 404'],
    [200, '<html>', 'line 1: this is not a public SSH key'],
    [200, 'x'.repeat(300_000), 'larger than'],
  ])('answers %i: an error that says so', async (status, body, message) => {
    await using site = await serve((_, response) => response.writeHead(status).end(body));
    await expect(readKeys(site.url, { home, env, signal })).rejects.toThrow(message);
  });

  test('that never answers is left once the person gives up', async () => {
    const controller = new AbortController();
    await using site = await serve(() => controller.abort(new Error('given up')));
    await expect(readKeys(site.url, { home, env, signal: controller.signal })).rejects.toThrow('given up');
  });
});

/** The data of an RSA key with a modulus of so many bits. */
function rsaData(bits: number): string {
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(bits / 8, 0xff)]);
  const fields = [Buffer.from('ssh-rsa'), Buffer.from([1, 0, 1]), modulus];
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(field.length);
      return [length, field];
    }),
  ).toString('base64');
}
