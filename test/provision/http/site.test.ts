import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openSite } from '../../../source/provision/http/site.js';

test('a site that closes its connection while nobody has taken the last bytes yet', async () => {
  // Little enough that the connection is over before anything of it is taken.
  const body = Buffer.alloc(32 * 1024, 'a');
  const server = createServer((socket) => {
    socket.once('data', () =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const site = openSite({}, 10_000);
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.img`;
    const response = await site.get(url, { signal: new AbortController().signal });
    const [socket] = await connected;
    const closed = once(socket, 'close');
    socket.end(body);
    await closed;
    expect((await response.text(body.length)) === body.toString()).toBe(true);
  } finally {
    site.close();
    server.close();
  }
});

const { signal } = new AbortController();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  vi.unstubAllEnvs();
});

async function listening<T extends Server>(server: T): Promise<{ server: T; port: number }> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('what nobody takes stays with the site', async () => {
  let sent = 0;
  const { port } = await listening(
    createHttp((_, response) => {
      const more = (): void => {
        while (!response.destroyed && sent < 200_000_000 && response.write(Buffer.alloc(1_000_000)))
          sent += 1_000_000;
      };
      response.on('drain', () => {
        sent += 1_000_000;
        more();
      });
      more();
    }),
  );
  const site = openSite({}, 10_000);
  const { body } = await site.get(`http://127.0.0.1:${port}/`, { signal });
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  // Until nothing moves any more: the site's own buffers and the system's are full.
  for (let before = -1; before !== sent; ) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(sent).toBeLessThan(50_000_000);
  site.close();
});

test('a text is taken up to its limit', async () => {
  const { port } = await listening(createHttp((_, response) => void response.end('x'.repeat(100_000))));
  const site = openSite({}, 10_000);
  const ask = () => site.get(`http://127.0.0.1:${port}/sums`, { signal });
  expect(await (await ask()).text(100_000)).toHaveLength(100_000);
  await expect((await ask()).text(99_999)).rejects.toThrow(`/sums: it is larger than`);
  site.close();
});

test('the signal ends a transfer at once, also where nothing comes', async () => {
  const { port } = await listening(createHttp((_, response) => void response.write('x')));
  const control = new AbortController();
  const site = openSite({}, 10_000);
  const { body } = await site.get(`http://127.0.0.1:${port}/`, { signal: control.signal });
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next();
  const next = chunks.next();
  control.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  site.close();
});

test('what answers with no HTTP is told as that', async () => {
  const { port } = await listening(createServer((socket) => void socket.end('220 ready\r\n')));
  const site = openSite({}, 10_000);
  await expect(site.get(`http://127.0.0.1:${port}/`, { signal })).rejects.toThrow(
    /cannot be reached: what answers speaks no proper HTTP \(Expected HTTP/,
  );
  site.close();
});

describe.each([
  ['a proxy that drips its answer', 'HTTP/1.1 200 OK\r\n', 'X'],
  ['a site that is silent behind its proxy', 'HTTP/1.1 200 OK\r\n\r\n', ''],
])('%s', (_, answer, drop) => {
  const silent = () =>
    listening(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.write(answer);
        const more = setInterval(() => socket.write(drop), 10);
        socket.once('close', () => clearInterval(more));
      }),
    );

  test('is given up', async () => {
    const { port } = await silent();
    const site = openSite({ https_proxy: `http://127.0.0.1:${port}` }, 200);
    await expect(site.get('https://keys.invalid/', { signal })).rejects.toThrow('the proxy does not answer');
  });

  test('is ended by the signal', async () => {
    const { server, port } = await silent();
    const ending = new AbortController();
    const site = openSite({ https_proxy: `http://127.0.0.1:${port}` }, 60_000);
    const asking = site.get('https://keys.invalid/', { signal: ending.signal });
    await once(server, 'connection');
    ending.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

describe('by https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vd-https-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  beforeAll(() => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', cert];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject],
      {
        stdio: 'ignore',
      },
    );
    return () => rmSync(folder, { recursive: true });
  });
  const secure = (listener: RequestListener) =>
    listening(createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, listener));

  test('a redirect to http is refused, whoever asks, and nothing is taken from there', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    let asked = 0;
    const plain = await listening(
      createHttp((_, response) => {
        asked += 1;
        response.end('changed');
      }),
    );
    const target = `http://127.0.0.1:${plain.port}`;
    const { port } = await secure(
      (_, response) => void response.writeHead(302, { location: `${target}/image?token=secret` }).end(),
    );
    const site = openSite({}, 10_000);
    const failure = await site
      .get(`https://localhost:${port}/a.img`, { signal })
      .catch((error: Error) => error);
    expect((failure as Error).message).toBe(
      `https://localhost:${port}/a.img leads from https to http (${target}): anyone in between could change it`,
    );
    expect(asked).toBe(0);
    site.close();
  });

  test('a site whose certificate is not known is not spoken to', async () => {
    const { port } = await secure((_, response) => void response.end('x'));
    const site = openSite({}, 10_000);
    await expect(site.get(`https://localhost:${port}/`, { signal })).rejects.toThrow(
      'cannot be reached: self-signed',
    );
    site.close();
  });

  test('a site is reached through a proxy, which learns its name alone', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { port } = await secure((request, response) => void response.end(`for ${request.url}`));
    const asked: string[] = [];
    const proxy = await listening(createHttp());
    proxy.server.on('connect', (request, client: Socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      const server = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        server.pipe(client).pipe(server);
      });
    });
    const site = openSite({ https_proxy: `http://me:pw@127.0.0.1:${proxy.port}` }, 10_000);
    const answer = await site.get('https://keys.invalid/me.keys', { signal });
    expect(await answer.text(100)).toBe('for /me.keys');
    expect(asked).toEqual([`keys.invalid:443 Basic ${Buffer.from('me:pw').toString('base64')}`]);
    site.close();
  });
});
