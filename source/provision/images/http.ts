import { type Dispatcher, EnvHttpProxyAgent, fetch, type RequestInit, type Response } from 'undici';

type Env = Readonly<Record<string, string | undefined>>;

export interface Site {
  /** Rejects with a DownloadError that names the address. */
  get(
    url: string,
    init: {
      readonly signal: AbortSignal;
      readonly headers?: Record<string, string>;
      readonly method?: 'HEAD';
    },
  ): Promise<Response>;
  close(): Promise<void>;
}

/** Why something could not be downloaded, and what to do. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  readonly hint: string | undefined;
  /** Whether it may go better in a moment. */
  readonly passing: boolean;

  constructor(message: string, options: { hint?: string; passing?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.passing = options.passing ?? false;
  }
}

/**
 * Never lets undici wait for a reader: until version 8, which needs Node 22.19, an assertion of its parser ends the
 * whole program where a site closes the connection in such a moment (nodejs/undici#5360). What is not taken yet stays
 * in memory instead; a disk takes images faster than a network brings them.
 */
const neverPaused: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  // It is made for one request.
  const { onResponseData } = handler;
  if (onResponseData !== undefined) {
    handler.onResponseData = (controller, chunk) => {
      onResponseData.call(handler, controller, chunk);
      if (controller.paused) controller.resume();
    };
  }
  return dispatch(options, handler);
};

/**
 * HTTP by the proxies of the usual variables, in either case, of the environment that is given.
 *
 * @param silence milliseconds without a byte after which a transfer is over
 * @throws DownloadError where a variable does not name a proxy
 */
export function openSite(env: Env, silence: number): Site {
  const agent = new EnvHttpProxyAgent({
    // Empty, not undefined: the process's own environment is not asked.
    httpProxy: proxyOf(env, 'http_proxy'),
    httpsProxy: proxyOf(env, 'https_proxy'),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
    bodyTimeout: silence,
    headersTimeout: silence,
    connect: { timeout: Math.min(silence, 15_000) },
  });
  const dispatcher = agent.compose(neverPaused);
  return {
    get: async (url, { signal, headers = {}, method }) => {
      const init: RequestInit = {
        dispatcher,
        signal,
        headers: { 'accept-encoding': 'identity', ...headers },
      };
      try {
        return await fetch(url, method === undefined ? init : { ...init, method });
      } catch (error) {
        signal.throwIfAborted();
        throw unreachable(url, error);
      }
    },
    // What is under way is given up: a transfer that is over has nothing to wait for.
    close: () => agent.destroy(),
  };
}

/** The proxy that a variable names; curl and wget take "HOST:PORT" as well. Its password is in no message. */
function proxyOf(env: Env, name: 'http_proxy' | 'https_proxy'): string {
  const given = (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  if (given === '') return '';
  const address = given.includes('://') ? given : `http://${given}`;
  if (/^https?:\/\//i.test(address) && URL.canParse(address)) return address;
  throw new DownloadError(`the variable ${name} does not name a proxy for HTTP`, {
    hint: 'It is written as http://HOST:PORT, or left empty for none.',
  });
}

/** What a failed transfer says, down to the system's word for it. */
export function unreachable(url: string, error: unknown): DownloadError {
  let reason = error as Error & { cause?: unknown; code?: string };
  while (reason.cause instanceof Error) reason = reason.cause as typeof reason;
  const why = reason.message || reason.code || String(error);
  const hint = /ENOTFOUND|EAI_AGAIN/.test(`${reason.code} ${why}`)
    ? 'The name of the site is not known here: is there a network, or is a proxy needed (https_proxy)?'
    : undefined;
  return new DownloadError(`${url} cannot be reached: ${why}`, {
    passing: true,
    cause: error,
    ...(hint && { hint }),
  });
}

const hints: Readonly<Record<number, string>> = {
  401: 'The site wants a password, which an address cannot carry here: download the file first.',
  403: 'The site does not give it to everybody.',
  404: 'It is not there: images are renamed with new releases. A newer one may be in the catalogue of a newer virtdeck.',
  407: 'The proxy wants a password: give it in https_proxy.',
  410: 'The site has taken it away.',
};

/** An answer that is no success. */
export function refused(url: string, { status, statusText }: Response): DownloadError {
  const hint = hints[status];
  return new DownloadError(`${url}: the site answers ${status} ${statusText}`.trim(), {
    passing: status >= 500 || status === 408 || status === 429,
    ...(hint && { hint }),
  });
}
