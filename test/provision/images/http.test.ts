import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openSite } from '../../../source/provision/images/http.js';

test('a site that closes its connection while nobody has taken the last bytes yet', async () => {
  // Enough for undici to wait for a reader, and little enough that the socket itself holds none of it.
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
    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  } finally {
    await site.close();
    server.close();
  }
});
