import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a site does with one request; true: it has answered in its own way. */
export type Trick = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A site with files, of which each answer can be spoiled. */
export class Site {
  static async open(files: Readonly<Record<string, Buffer | string>>): Promise<Site> {
    const site = new Site(files);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  readonly files: Map<string, Buffer>;
  /** "GET /disk.img bytes=5-" */
  readonly requests: string[] = [];
  /** What happens to the next requests, one each. */
  readonly tricks: Trick[] = [];
  ranges = true;
  etags = true;
  readonly #server: Server;

  private constructor(files: Readonly<Record<string, Buffer | string>>) {
    this.files = new Map(Object.entries(files).map(([name, data]) => [`/${name}`, Buffer.from(data)]));
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  url(name: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers } = request;
    const path = new URL(request.url ?? '', 'http://site').pathname;
    this.requests.push([method, path, headers.range].filter(Boolean).join(' '));
    if (method === 'GET' && this.tricks.shift()?.(request, response)) return;
    const data = this.files.get(path);
    if (data === undefined) {
      response.writeHead(404).end('<html>not here</html>');
      return;
    }
    const etag = `"${createHash('sha1').update(data).digest('hex')}"`;
    const common = { ...(this.etags && { etag }), ...(this.ranges && { 'accept-ranges': 'bytes' }) };
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
    const same = headers['if-range'] === undefined || headers['if-range'] === etag;
    if (!this.ranges || Number.isNaN(from) || !same) {
      response.writeHead(200, { ...common, 'content-length': data.length });
      response.end(method === 'HEAD' ? undefined : data);
    } else if (from >= data.length) {
      response.writeHead(416, { ...common, 'content-range': `bytes */${data.length}` }).end();
    } else {
      const range = `bytes ${from}-${data.length - 1}/${data.length}`;
      response.writeHead(206, { ...common, 'content-length': data.length - from, 'content-range': range });
      response.end(data.subarray(from));
    }
  }
}

/** The connection ends after so many bytes of the file. */
export function dropAfter(site: Site, bytes: number): Trick {
  return (request, response) => {
    const data = site.files.get(request.url ?? '') ?? Buffer.alloc(0);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const etag = `"${createHash('sha1').update(data).digest('hex')}"`;
    const rest = data.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, {
      etag,
      'content-length': rest.length,
      ...(from > 0 && { 'content-range': `bytes ${from}-${data.length - 1}/${data.length}` }),
    });
    response.write(rest.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
    return true;
  };
}

export const answer =
  (status: number, headers: Record<string, string> = {}): Trick =>
  (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };

/** The headers come, and then nothing. */
export const silence: Trick = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('x');
  return true;
};
