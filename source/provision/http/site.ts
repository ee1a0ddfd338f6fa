import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { readSmallStream, UnreadableFile } from '../../state/read-small-file.js';
import { DownloadError, unreachable } from './download-error.js';
import { proxyFor, proxyHeaders, tunnel } from './proxy.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What a site has answered. Its body is taken, or given up by `cancel`. */
export interface Answer {
  /** That of the last redirect. */
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** A success. */
  readonly ok: boolean;
  header(name: string): string | undefined;
  /** As fast as it is taken: what nobody has taken yet stays with the site. Throws a DownloadError. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body. @throws DownloadError where it has more than `limit` bytes, or breaks */
  text(limit: number): Promise<string>;
  cancel(): void;
}

export interface Site {
  /** Rejects with a DownloadError that names the address, or the signal's reason. */
  get(url: string, init: Question): Promise<Answer>;
  /** What is under way is given up. */
  close(): void;
}

export interface Question {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: 'HEAD';
  /** Asked about each address that a redirect leads to. @returns why not, or undefined */
  readonly refuse?: (url: URL) => string | undefined;
}

/** Mirrors take one or two; what goes on for longer leads in a circle. */
const mostRedirects = 10;

/**
 * HTTP by the proxies of the environment that is given. From https nothing leads to http: whoever sits in between
 * could change what comes.
 *
 * @param silence milliseconds without a byte after which a transfer is over
 * @throws DownloadError where a variable does not name a proxy
 */
export function openSite(env: Env, silence: number): Site {
  const closing = new AbortController();
  for (const url of ['http://example', 'https://example']) proxyFor(new URL(url), env);
  return {
    close: () => closing.abort(),
    get: async (url, question) => {
      const signal = AbortSignal.any([question.signal, closing.signal]);
      try {
        return await followed(url, question, (to) => ask(to, question, { env, silence, signal }));
      } catch (error) {
        question.signal.throwIfAborted();
        throw unreachable(url, error);
      }
    },
  };
}

async function followed(
  url: string,
  { refuse = () => undefined }: Question,
  send: (url: URL) => Promise<IncomingMessage>,
): Promise<Answer> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const message = await send(at);
    const { statusCode = 0, headers } = message;
    const to = [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
    if (to === undefined) return answerOf(at.href, message);
    message.destroy();
    at = nextOf(url, at, to, refuse);
  }
  throw new DownloadError(`${url} cannot be reached: its redirects lead in a circle, or too far`);
}

function nextOf(url: string, from: URL, location: string, refuse: NonNullable<Question['refuse']>): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol))
    throw new DownloadError(`${url} leads to an address that cannot be downloaded`);
  // Of the address only the site: the rest may hold a key to it.
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new DownloadError(
      `${url} leads from https to http (${to.origin}): anyone in between could change it`,
      { hint: 'Nothing is taken from there. Look for an address of the site that stays with https.' },
    );
  const reason = refuse(to);
  if (reason !== undefined) throw new DownloadError(`${url} leads to ${to.origin}: ${reason}`);
  return to;
}

interface Way {
  readonly env: Env;
  readonly silence: number;
  readonly signal: AbortSignal;
}

async function ask(
  url: URL,
  { headers, method }: Question,
  { env, silence, signal }: Way,
): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const proxy = proxyFor(url, env);
  const isSecure = url.protocol === 'https:';
  const common: RequestOptions = {
    method: method ?? 'GET',
    agent: false,
    headers: {
      host: url.host,
      'accept-encoding': 'identity',
      'user-agent': 'virtdeck',
      connection: 'close',
      ...headers,
    },
  };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const path = `${url.pathname}${url.search}`;
  if (proxy === undefined) {
    const options = { ...common, host, port: url.port, path };
    return sent(isSecure ? httpsRequest(options) : httpRequest(options), silence, signal);
  }
  if (isSecure) {
    const socket = await tunnel(proxy, url, { signal, silence });
    signal.throwIfAborted();
    return sent(
      httpRequest({ ...common, agent: undefined, path, createConnection: () => socket }),
      silence,
      signal,
    );
  }
  const options = {
    ...common,
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port,
    path: url.href,
    headers: { ...common.headers, ...proxyHeaders(proxy) },
  };
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  return sent(send(options), silence, signal);
}

function sent(
  request: ReturnType<typeof httpRequest>,
  silence: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const end = (error: Error): void => void (answer ?? request).destroy(error);
    request.setTimeout(silence, () => end(new Error(`no byte has come for ${Math.round(silence / 1000)} s`)));
    const stop = (): void => end(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal.removeEventListener('abort', stop));
    request.once('response', (message) => {
      answer = message;
      // Without this the error of a body that nobody reads any more would end the program.
      message.on('error', () => {});
      resolve(message);
    });
    request.on('error', reject);
    request.end();
  });
}

function answerOf(url: string, message: IncomingMessage): Answer {
  const { statusCode: status = 0, statusMessage: statusText = '', headers } = message;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const body = async function* (): AsyncGenerator<Uint8Array> {
    // What is packed is not unpacked: a few bytes could become more than any disk holds.
    const coding = header('content-encoding') ?? 'identity';
    if (coding !== 'identity' && coding !== '') {
      message.destroy();
      throw new DownloadError(`${url}: the site sends it packed (${coding}), which nobody has asked for`);
    }
    try {
      yield* message;
    } catch (error) {
      const isBroken = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      throw unreachable(url, isBroken ? new Error('the connection has ended in the middle') : error);
    }
  };
  return {
    url,
    status,
    statusText,
    ok: status >= 200 && status < 300,
    header,
    body: { [Symbol.asyncIterator]: body },
    cancel: () => void message.destroy(),
    text: async (limit) => {
      const stream = Object.assign(body(), { destroy: () => message.destroy() });
      try {
        return (await readSmallStream(stream, limit)).toString('utf8');
      } catch (error) {
        if (error instanceof UnreadableFile) throw new DownloadError(`${url}: ${error.message}`);
        throw unreachable(url, error);
      }
    },
  };
}
