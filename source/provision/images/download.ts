import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'undici';
import { readSmallText } from '../../state/read-small-file.js';
import { bytes } from '../../text/size.js';
import type { ChecksumAlgorithm } from './catalogue.js';
import { DownloadError, openSite, refused, type Site, unreachable } from './http.js';

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Where the proxies are named. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress?: ((bytes: number, total?: number) => void) | undefined;
  /** Told when it goes on after a failure. */
  readonly onRetry?: ((reason: string) => void) | undefined;
  /** What the whole file must have. */
  readonly checksum?:
    | {
        readonly algorithm: ChecksumAlgorithm;
        readonly digest: string;
        /** The person has told it, not the site. */
        readonly given?: boolean;
      }
    | undefined;
  /** Attempts that bring nothing before it is given up. */
  readonly retries?: number;
  /** Milliseconds before an attempt, by its number from 1. */
  readonly pause?: (attempt: number) => number;
  /** Milliseconds without a byte. */
  readonly silence?: number;
}

export interface Downloaded {
  /** Bytes. */
  readonly size: number;
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: string;
}

const mostNoteBytes = 64 * 1024;

/** Which version of the file a part is of. */
interface PartNote {
  readonly url: string;
  /** ETag or Last-Modified, as the site has told it. */
  readonly validator: string;
}

/**
 * Downloads a file as `wget -c` does: into `target.part`, from where an earlier attempt ended, trying again when the
 * transfer breaks. The target is there once all of it is, and its digest is the right one. What is cancelled can be
 * gone on with later.
 *
 * @throws DownloadError, the system's error where the file cannot be written, or the signal's reason
 */
export async function downloadFile(
  url: string,
  target: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const { signal, env, retries = 5, silence = 30_000, checksum, onRetry } = options;
  const pause = options.pause ?? ((attempt: number) => Math.min(1000 * 2 ** (attempt - 1), 15_000));
  const site = openSite(env, silence);
  const download = new Download(url, `${target}.part`, site, options);
  try {
    let done = -1;
    for (let attempt = 0; ; ) {
      signal.throwIfAborted();
      try {
        await download.goOn();
        break;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof DownloadError) || !error.passing) throw error;
        // Whatever brought a piece of it was worth it.
        attempt = download.bytes > done ? 1 : attempt + 1;
        done = Math.max(done, download.bytes);
        if (attempt > retries) throw error;
        onRetry?.(error.message);
        await delay(pause(attempt), undefined, { signal });
      }
    }
    const downloaded = await download.digest();
    if (checksum !== undefined && downloaded.digest !== checksum.digest) {
      await download.drop();
      throw wrongChecksum(url, downloaded.digest, checksum);
    }
    await onDisk(`${target}.part`);
    await rename(`${target}.part`, target);
    await rm(`${target}.part.json`, { force: true });
    return downloaded;
  } finally {
    await site.close();
  }
}

class Download {
  readonly #url: string;
  readonly #path: string;
  readonly #site: Site;
  readonly #options: DownloadOptions;
  #hash: Hash | undefined;
  bytes = 0;

  constructor(url: string, path: string, site: Site, options: DownloadOptions) {
    this.#url = url;
    this.#path = path;
    this.#site = site;
    this.#options = options;
  }

  /** Gets what is missing; returns when all of it is there. */
  async goOn(): Promise<void> {
    const { signal } = this.#options;
    const part = await this.#part();
    this.bytes = part?.size ?? 0;
    const headers: Record<string, string> =
      part === undefined ? {} : { range: `bytes=${part.size}-`, 'if-range': part.validator };
    const response = await this.#site.get(this.#url, { signal, headers });
    const total = totalOf(response);
    if (response.status === 416 && part !== undefined) {
      await response.body?.cancel();
      // All of it was there; or the file is a shorter one now.
      if (total === part.size) return;
      await this.drop();
      throw new DownloadError(`${this.#url} has changed: it is downloaded anew`, { passing: true });
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw refused(this.#url, response);
    }
    const from = response.status === 206 ? (part?.size ?? 0) : 0;
    if (response.status === 206 && startOf(response) !== from) {
      await response.body?.cancel();
      await this.drop();
      throw new DownloadError(`${this.#url}: the site has sent another piece than the one asked for`, {
        passing: true,
      });
    }
    if (from === 0) this.#hash = undefined;
    await this.#note(response);
    await this.#take(response, from, total);
  }

  async drop(): Promise<void> {
    this.#hash = undefined;
    this.bytes = 0;
    await rm(this.#path, { force: true });
    await rm(`${this.#path}.json`, { force: true });
  }

  /** Of the whole part. */
  async digest(): Promise<Downloaded> {
    const algorithm = this.#algorithm();
    const { size } = await stat(this.#path);
    const hash = this.#hash ?? (await hashOf(this.#path, algorithm));
    return { size, algorithm, digest: hash.copy().digest('hex') };
  }

  #algorithm(): ChecksumAlgorithm {
    return this.#options.checksum?.algorithm ?? 'sha256';
  }

  /** What an earlier attempt has left, if it is of this address and the site can tell whether it has changed. */
  async #part(): Promise<{ readonly size: number; readonly validator: string } | undefined> {
    try {
      const [{ size }, text] = await Promise.all([
        stat(this.#path),
        readSmallText(`${this.#path}.json`, mostNoteBytes),
      ]);
      const { url, validator } = JSON.parse(text) as PartNote;
      return url === this.#url && validator !== '' && size > 0 ? { size, validator } : undefined;
    } catch {
      return undefined;
    }
  }

  async #note({ headers }: Response): Promise<void> {
    const etag = headers.get('etag') ?? '';
    // A weak ETag does not promise the same bytes (RFC 9110, 13.1.5).
    const validator = etag !== '' && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? '');
    const note: PartNote = { url: this.#url, validator };
    await writeFile(`${this.#path}.json`, JSON.stringify(note), { mode: 0o600 });
  }

  async #take(response: Response, from: number, total: number | undefined): Promise<void> {
    const { progress, signal } = this.#options;
    const file = await open(this.#path, from === 0 ? 'w' : 'r+', 0o600);
    try {
      this.#hash ??=
        from === 0 ? createHash(this.#algorithm()) : await hashOf(this.#path, this.#algorithm(), from);
      this.bytes = from;
      progress?.(from, total);
      const chunks = (response.body ?? []) as AsyncIterable<Uint8Array>;
      const iterator = chunks[Symbol.asyncIterator]();
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          signal.throwIfAborted();
          throw unreachable(this.#url, error);
        });
        if (next.done) break;
        await writeAll(file, next.value, this.bytes);
        this.#hash.update(next.value);
        this.bytes += next.value.length;
        progress?.(this.bytes, total);
      }
    } catch (error) {
      await response.body?.cancel().catch(() => {});
      throw full(error, this.#path, total === undefined ? undefined : total - this.bytes) ?? error;
    } finally {
      await file.close();
    }
    if (total !== undefined && this.bytes < total)
      throw new DownloadError(`${this.#url}: the transfer ended after ${this.bytes} of ${total} bytes`, {
        passing: true,
      });
  }
}

function wrongChecksum(
  url: string,
  found: string,
  { algorithm, digest, given = false }: NonNullable<DownloadOptions['checksum']>,
): DownloadError {
  const [who, hint] = given
    ? ['the one given is', 'Is it the checksum of this very file? Sites replace their files by newer ones.']
    : ['the site tells', 'Try again; if it stays so, the site or somebody on the way has changed it.'];
  return new DownloadError(`${url}: the checksum is wrong: ${algorithm} ${found}, ${who} ${digest}`, {
    hint: `What was downloaded is removed. ${hint}`,
  });
}

/** Under its final name a file is whole: also after a power failure. */
async function onDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** No room where the images are kept, told as that. */
function full(error: unknown, path: string, missing: number | undefined): DownloadError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  const why = code === 'ENOSPC' ? 'the disk is full' : 'the quota is used up';
  const wanted = missing === undefined ? '' : `, ${bytes(missing)} are missing`;
  return new DownloadError(`${path} cannot be written: ${why}${wanted}`, {
    cause: error,
    hint: 'What is there stays and is gone on with. Make room, or keep images elsewhere (XDG_CACHE_HOME).',
  });
}

async function writeAll(file: FileHandle, data: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    done += (await file.write(data, done, data.length - done, at + done)).bytesWritten;
  }
}

async function hashOf(path: string, algorithm: ChecksumAlgorithm, length?: number): Promise<Hash> {
  const hash = createHash(algorithm);
  const range = length === undefined ? {} : { end: length - 1 };
  for await (const chunk of createReadStream(path, range)) hash.update(chunk);
  return hash;
}

/** Where a piece begins, as the site tells it. */
function startOf({ headers }: Response): number {
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1]);
}

/** Bytes of the whole file, as far as the site tells. */
export function totalOf({ status, headers }: Response): number | undefined {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const length = status === 206 || status === 416 ? range : headers.get('content-length');
  return length === null || length === undefined ? undefined : Number(length);
}
