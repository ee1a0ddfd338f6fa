import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { DownloadError } from './download-error.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address by the usual variables, in either case; undefined where there is none, or no_proxy names
 * the site.
 *
 * @throws DownloadError where the variable does not name a proxy; its password is in no message
 */
export function proxyFor({ protocol, hostname, port }: URL, env: Env): URL | undefined {
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const given = (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  if (given === '') return undefined;
  // curl and wget take "HOST:PORT" as well.
  const address = given.includes('://') ? given : `http://${given}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new DownloadError(`the variable ${name} does not name a proxy for HTTP`, {
      hint: 'It is written as http://HOST:PORT, or left empty for none.',
    });
  }
  const account = new URL(address);
  if (!isDecodable(account.username) || !isDecodable(account.password)) {
    throw new DownloadError(`the variable ${name} has a "%" that stands for no character`, {
      hint: 'In the name and password of a proxy "%" is written as "%25".',
    });
  }
  const number = port || (protocol === 'https:' ? '443' : '80');
  return isExcepted(hostname, number, env.no_proxy ?? env.NO_PROXY ?? '') ? undefined : account;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** "example.org", ".example.org", "*.example.org", with a port or without; "*" is everything. As curl reads it. */
function isExcepted(hostname: string, port: string, noProxy: string): boolean {
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', itsPort] = /^(?:\*?\.)?(\[[^\]]*\]|[^:]*|[\da-f:]*)(?::(\d+))?$/i.exec(entry) ?? [];
    const plain = name.toLowerCase().replace(/\.$/, '');
    const host = hostname.toLowerCase();
    const fits = host === plain || host === `[${plain}]` || host.endsWith(`.${plain}`);
    return plain !== '' && fits && (itsPort === undefined || itsPort === port);
  });
}

/** What tells a proxy who asks; nothing where its address names nobody. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const account = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(account).toString('base64')}` };
}

/**
 * A TLS connection to a site, through a proxy.
 *
 * @param silence milliseconds in which both have to answer
 * @throws DownloadError, the system's error, or the signal's reason
 */
export function tunnel(
  proxy: URL,
  { href, hostname, port }: URL,
  { signal, silence }: { readonly signal: AbortSignal; readonly silence: number },
): Promise<Duplex> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const target = `${hostname}:${port || '443'}`;
  return new Promise((resolve, reject) => {
    const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyHeaders(proxy) },
      agent: false,
    });
    let way: { destroy(error?: Error): unknown } = asked;
    const fail = (error: Error): void => {
      over();
      way.destroy();
      reject(error);
    };
    const late = setTimeout(() => fail(new Error('the proxy does not answer')), silence);
    const stop = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    const over = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    };
    asked.on('error', fail);
    asked.once('connect', ({ statusCode = 0, statusMessage = '' }, socket) => {
      way = socket;
      if (statusCode !== 200) {
        const hint = statusCode === 407 ? 'The proxy wants a password: give it in https_proxy.' : undefined;
        fail(
          new DownloadError(`${href}: the proxy answers ${statusCode} ${statusMessage}`.trim(), {
            passing: statusCode >= 500,
            ...(hint && { hint }),
          }),
        );
        return;
      }
      // The site behind it may stay silent as well: the same time, and the same signal, end both.
      const secure = connectTls({ socket, servername: /^[\d.]+$|:/.test(host) ? '' : host });
      way = secure;
      secure.on('error', fail);
      secure.once('secureConnect', () => {
        over();
        secure.off('error', fail);
        resolve(secure);
      });
    });
    asked.end();
  });
}
