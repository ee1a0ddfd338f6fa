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
  const number = port || (protocol === 'https:' ? '443' : '80');
  return isExcepted(hostname, number, env.no_proxy ?? env.NO_PROXY ?? '') ? undefined : new URL(address);
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

/** A TLS connection to a site, through a proxy. Rejects with a DownloadError or the system's error. */
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
      signal,
      timeout: silence,
      agent: false,
    });
    asked.once('timeout', () => asked.destroy(new Error('the proxy does not answer')));
    asked.once('error', reject);
    asked.once('connect', ({ statusCode = 0, statusMessage = '' }, socket) => {
      if (statusCode !== 200) {
        socket.destroy();
        const hint = statusCode === 407 ? 'The proxy wants a password: give it in https_proxy.' : undefined;
        reject(
          new DownloadError(`${href}: the proxy answers ${statusCode} ${statusMessage}`.trim(), {
            passing: statusCode >= 500,
            ...(hint && { hint }),
          }),
        );
        return;
      }
      socket.setTimeout(0);
      const secure = connectTls({ socket, servername: /^[\d.]+$|:/.test(host) ? '' : host });
      secure.once('secureConnect', () => resolve(secure));
      secure.once('error', reject);
    });
    asked.end();
  });
}
