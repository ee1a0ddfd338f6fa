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

/** What a failed transfer says, down to the system's word for it. */
export function unreachable(url: string, error: unknown): DownloadError {
  if (error instanceof DownloadError) return error;
  let reason = error as Error & { cause?: unknown; code?: string; errors?: readonly Error[] };
  while (reason.cause instanceof Error) reason = reason.cause as typeof reason;
  // Of several addresses each has its own reason.
  const why = reason.message || reason.errors?.[0]?.message || reason.code || String(error);
  const hint = /ENOTFOUND|EAI_AGAIN/.test(`${reason.code} ${why}`)
    ? 'The name of the site is not known here: is there a network, or is a proxy needed (https_proxy)?'
    : undefined;
  // Node's parser: "Parse Error: Header overflow".
  const isNoHttp = /^(?:HPE_|ERR_HTTP_)/.test(reason.code ?? '');
  const said = isNoHttp ? `what answers speaks no proper HTTP (${why.replace(/^Parse Error: /, '')})` : why;
  return new DownloadError(`${url} cannot be reached: ${said}`, {
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
export function refused(
  url: string,
  { status, statusText }: { readonly status: number; readonly statusText: string },
): DownloadError {
  const hint = hints[status];
  return new DownloadError(`${url}: the site answers ${status} ${statusText}`.trim(), {
    passing: status >= 500 || status === 408 || status === 429,
    ...(hint && { hint }),
  });
}
