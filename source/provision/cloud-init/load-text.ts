type Environment = Readonly<Record<string, string | undefined>>;

/** Milliseconds for all of it. */
const timeout = 15_000;

/**
 * Loads a small text by HTTPS, through the proxies that the environment names. Plain HTTP is for this machine
 * only: whoever sits in between could add a key of theirs.
 *
 * @throws Error whose message says what was wrong, without the address
 */
export async function loadText(
  url: string,
  {
    env,
    signal,
    mostBytes,
  }: { readonly env: Environment; readonly signal: AbortSignal; readonly mostBytes: number },
): Promise<string> {
  checkSafe(url);
  // Of 200 ms to load, and seldom needed.
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    // Empty: undici would look at the process's own environment.
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? '',
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? '',
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
  });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  try {
    const response = await fetch(url, { dispatcher, signal: limit, redirect: 'follow' });
    if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim());
    checkSafe(response.url);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new Error(`the answer is larger than ${mostBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (limit.aborted && !signal.aborted) throw new Error('no answer in time', { cause: error });
    const cause = (error as Error).cause;
    throw cause instanceof Error && cause.message !== '' ? new Error(cause.message, { cause: error }) : error;
  } finally {
    await dispatcher.close().catch(() => {});
  }
}

function checkSafe(url: string): void {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return;
  throw new Error(
    protocol === 'http:'
      ? 'keys are loaded by https only: anyone in between could change them'
      : 'this is no URL',
  );
}
