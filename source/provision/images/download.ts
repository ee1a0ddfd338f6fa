import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat, statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { putInPlace, writeAtomically } from '../../state/atomic-write.js';
import { readSmallText } from '../../state/read-small-file.js';
import { bytes } from '../../text/size.js';
import { DownloadError, refused } from '../http/download-error.js';
import { type Answer, openSite, type Site } from '../http/site.js';
import type { ChecksumAlgorithm } from './catalogue.js';

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
  /** Bytes that are taken of a file whose length the site does not tell. */
  readonly mostWithoutLength?: number;
}

export interface Downloaded {
  /** Bytes. */
  readonly size: number;
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: string;
}

/** Bytes: no image of a system is larger, an endless answer is. */
const largest = 16 * 1024 ** 3;
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
    await putInPlace(`${target}.part`, target);
    await rm(`${target}.part.json`, { force: true });
    return downloaded;
  } finally {
    site.close();
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
      response.cancel();
      // All of it was there; or the file is a shorter one now.
      if (total === part.size) return;
      await this.drop();
      throw new DownloadError(`${this.#url} has changed: it is downloaded anew`, { passing: true });
    }
    if (!response.ok) {
      response.cancel();
      throw refused(this.#url, response);
    }
    const from = response.status === 206 ? (part?.size ?? 0) : 0;
    if (response.status === 206 && startOf(response) !== from) {
      response.cancel();
      await this.drop();
      throw new DownloadError(`${this.#url}: the site has sent another piece than the one asked for`, {
        passing: true,
      });
    }
    if (response.status === 206 && total === undefined) {
      response.cancel();
      await this.drop();
      throw new DownloadError(`${this.#url}: the site sends a piece, and does not tell of how much`, {
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
    const hash = this.#hash ?? (await hashOf(this.#path, algorithm, this.#options.signal));
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

  async #note({ header }: Answer): Promise<void> {
    const etag = header('etag') ?? '';
    // A weak ETag does not promise the same bytes (RFC 9110, 13.1.5).
    const validator = etag !== '' && !etag.startsWith('W/') ? etag : (header('last-modified') ?? '');
    const note: PartNote = { url: this.#url, validator };
    await writeAtomically(`${this.#path}.json`, JSON.stringify(note), { mode: 0o600 });
  }

  async #take(response: Answer, from: number, total: number | undefined): Promise<void> {
    const { progress, signal } = this.#options;
    const file = await open(this.#path, from === 0 ? 'w' : 'r+', 0o600);
    try {
      this.#hash ??=
        from === 0
          ? createHash(this.#algorithm())
          : await hashOf(this.#path, this.#algorithm(), signal, from);
      this.bytes = from;
      progress?.(from, total);
      const limit = total ?? (await lengthless(this.#path, this.#options));
      for await (const chunk of response.body) {
        signal.throwIfAborted();
        if (this.bytes + chunk.length > limit) throw endless(this.#url, limit, total);
        await writeAll(file, chunk, this.bytes);
        this.#hash.update(chunk);
        this.bytes += chunk.length;
        progress?.(this.bytes, total);
      }
    } catch (error) {
      response.cancel();
      signal.throwIfAborted();
      // Nothing of a file without an end is worth to be gone on with.
      if (error instanceof DownloadError && !error.passing) await this.drop();
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

/** How much is taken of a file that may have no end: never more than half of the room that there is. */
async function lengthless(path: string, { mostWithoutLength = largest }: DownloadOptions): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return Math.min(mostWithoutLength, Math.floor((bavail * bsize) / 2));
}

function endless(url: string, limit: number, total: number | undefined): DownloadError {
  if (total !== undefined)
    return new DownloadError(`${url}: the site sends more than the ${bytes(total)} that it has told`);
  const message = `${url}: the site does not tell its length, and ${bytes(limit)} have come without an end`;
  return new DownloadError(message, {
    hint: 'What has come is removed. Where it really is so large, download it first and give the file.',
  });
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

async function hashOf(
  path: string,
  algorithm: ChecksumAlgorithm,
  signal: AbortSignal,
  length?: number,
): Promise<Hash> {
  const hash = createHash(algorithm);
  const range = length === undefined ? {} : { end: length - 1 };
  for await (const chunk of createReadStream(path, { ...range, signal })) hash.update(chunk);
  return hash;
}

/** Where a piece begins, as the site tells it. */
function startOf({ header }: Answer): number {
  return Number(/^bytes (\d+)-/.exec(header('content-range') ?? '')?.[1]);
}

/** Bytes of the whole file, as far as the site tells. */
export function totalOf({ status, header }: Answer): number | undefined {
  const range = /\/(\d+)$/.exec(header('content-range') ?? '')?.[1];
  const length = status === 206 || status === 416 ? range : header('content-length');
  return length === undefined ? undefined : Number(length);
}
