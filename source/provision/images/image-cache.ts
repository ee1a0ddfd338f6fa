import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, isAbsolute, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, ownMark, type ProcessMark } from '../journal.js';
import type { ChecksumAlgorithm } from './catalogue.js';
import { digestFor } from './checksums.js';
import { type DownloadOptions, downloadFile, totalOf } from './download.js';
import { DownloadError, openSite, refused, type Site } from './http.js';
import type { ImageSource } from './image-source.js';
import { type Inspection, imageProblem, inspectImage } from './magic.js';

type Env = Readonly<Record<string, string | undefined>>;
/** An image that is on the net. */
export type SiteImage = Exclude<ImageSource, { kind: 'volume' | 'file' }>;
type Checksum = NonNullable<DownloadOptions['checksum']>;

/** What is known of an image before it is downloaded. */
export interface KnownImage {
  /** Of its file here and of its volume on a host; another content has another name. */
  readonly name: string;
  /** Bytes of the file; undefined where the site does not tell. */
  readonly size: number | undefined;
  readonly cached: boolean;
  readonly checksum: Checksum | undefined;
  /** The site could not be asked; what is cached is used. */
  readonly offline: boolean;
}

export interface CachedImage extends Inspection {
  readonly path: string;
  readonly name: string;
}

export interface FetchOptions {
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: (bytes: number, total?: number) => void;
  /** What is going on beside the transfer. */
  readonly onStep: (text: string) => void;
}

/** How long a site may take to tell the checksum, in milliseconds: it is asked each time. */
const askTimeout = 10_000;
const digestLengths: Readonly<Record<ChecksumAlgorithm, number>> = { sha256: 64, sha512: 128 };

/**
 * Images of this machine, for all hosts: whole, and of the checksum that the site tells. They lie in
 * $XDG_CACHE_HOME/virtdeck/images, else below ~/.cache, and can be deleted at any time.
 */
export class ImageCache {
  readonly folder: string;

  constructor(env: Env) {
    const given = env.XDG_CACHE_HOME;
    const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : homedir();
    const base = given && isAbsolute(given) ? given : join(home, '.cache');
    this.folder = join(base, 'virtdeck', 'images');
  }

  /** Finds out which content an image has now, without downloading it. */
  async identify(
    source: SiteImage,
    { env, signal }: Pick<FetchOptions, 'env' | 'signal'>,
  ): Promise<KnownImage | { readonly problem: string; readonly hint?: string }> {
    const url = urlOf(source);
    try {
      return await this.#ask(source, env, signal);
    } catch (error) {
      signal.throwIfAborted();
      const known = await this.#withoutSite(source);
      if (known !== undefined) return { ...known, cached: true, checksum: undefined, offline: true };
      const { message, hint } = error as DownloadError;
      const late = (error as Error).name === 'TimeoutError';
      return { problem: late ? `${url}: the site does not answer` : message, ...(hint && { hint }) };
    }
  }

  async #ask(source: SiteImage, env: Env, signal: AbortSignal): Promise<KnownImage> {
    const url = urlOf(source);
    const site = openSite(env, askTimeout);
    try {
      const ask = AbortSignal.any([signal, AbortSignal.timeout(askTimeout)]);
      const checksum = await publishedChecksum(source, site, ask);
      const head = await headOf(url, site, ask);
      // Without a checksum the site's own mark of a version tells one content from another.
      const mark = checksum?.digest ?? createHash('sha256').update(`${url}\n${head.version}`).digest('hex');
      const name = nameOf(url, mark);
      const cached = await this.#has(name);
      return {
        name,
        size: cached?.size ?? head.size,
        cached: cached !== undefined,
        checksum,
        offline: false,
      };
    } finally {
      await site.close();
    }
  }

  /** What is here while the site cannot be asked: the content that is wanted, or the newest where any will do. */
  async #withoutSite(
    source: SiteImage,
  ): Promise<{ readonly name: string; readonly size: number } | undefined> {
    const { checksum } = source.kind === 'catalogue' ? source.image : source;
    if (checksum === undefined || !('digest' in checksum)) return this.#newestOf(urlOf(source));
    const name = nameOf(urlOf(source), checksum.digest);
    const found = await this.#has(name);
    return found && { name, size: found.size };
  }

  /**
   * The image as a local file: from the cache where it is there, else downloaded and verified. Two processes that
   * want the same one download it once.
   *
   * @throws DownloadError, or the signal's reason
   */
  async fetch(source: SiteImage, options: FetchOptions): Promise<CachedImage> {
    const { signal, onStep } = options;
    const known = await this.identify(source, options);
    if ('problem' in known) throw new DownloadError(known.problem, known.hint ? { hint: known.hint } : {});
    const { name, checksum, offline } = known;
    const path = join(this.folder, name);
    if (offline) onStep('the site cannot be reached: the image of the cache is used');
    if (known.cached) return this.#read(name);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const unlock = await this.#lock(`${path}.lock`, signal, () =>
      onStep('another virtdeck downloads this image: waiting for it'),
    );
    try {
      // Whoever was waited for has downloaded it.
      if ((await this.#has(name)) === undefined) {
        await downloadFile(urlOf(source), path, {
          ...options,
          checksum,
          onRetry: (reason) => onStep(`${reason}; trying again`),
        });
      }
      const image = await this.#read(name);
      const problem = imageProblem(image);
      if (problem === undefined) return image;
      await rm(path, { force: true });
      throw new DownloadError(`${urlOf(source)}: ${problem.message}`, { hint: problem.hint });
    } finally {
      await unlock();
    }
  }

  /** Names of the images that are there, whole. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => !/\.(part|part\.json|lock)$/.test(name));
  }

  async #read(name: string): Promise<CachedImage> {
    const path = join(this.folder, name);
    return { ...(await inspectImage(path)), path, name };
  }

  async #has(name: string): Promise<{ readonly size: number } | undefined> {
    const found = await stat(join(this.folder, name)).catch(() => undefined);
    return found?.isFile() ? { size: found.size } : undefined;
  }

  /** The newest content of an address that is here. */
  async #newestOf(url: string): Promise<{ readonly name: string; readonly size: number } | undefined> {
    const { stem, ending } = partsOf(url);
    const mine = (await this.list()).filter(
      (name) =>
        name.startsWith(`${stem}-`) &&
        name.endsWith(ending) &&
        name.length === stem.length + 9 + ending.length,
    );
    const found = await Promise.all(
      mine.map(async (name) => ({ name, ...(await stat(join(this.folder, name))) })),
    );
    const newest = found.sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
    return newest && { name: newest.name, size: newest.size };
  }

  /** Waits until no living process has the lock. @returns what gives it back */
  async #lock(path: string, signal: AbortSignal, onWait: () => void): Promise<() => Promise<void>> {
    const mark = JSON.stringify(await ownMark());
    for (let told = false; ; ) {
      try {
        const file = await open(path, 'wx', 0o600);
        await file.writeFile(mark);
        await file.close();
        return () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (!(await isHeld(path))) {
        await rm(path, { force: true });
        continue;
      }
      if (!told) onWait();
      told = true;
      await delay(300, undefined, { signal });
    }
  }
}

async function isHeld(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  try {
    return await isAlive(JSON.parse(text) as ProcessMark);
  } catch {
    // Whoever made it has not written yet; one that was killed before is an old file.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs < 5000;
  }
}

function urlOf(source: SiteImage): string {
  return source.kind === 'catalogue' ? source.image.url : source.url;
}

function partsOf(url: string): { readonly stem: string; readonly ending: string } {
  // Of ASCII letters, and short enough for a file with a mark and an ending added.
  const file =
    plain(basename(new URL(url).pathname))
      .replace(/[^\w.+-]+/g, '-')
      .slice(-100) || 'image';
  const ending = extname(file);
  return { stem: basename(file, ending), ending };
}

/** An address may hold a lone "%", which is no encoding. */
function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function nameOf(url: string, mark: string): string {
  const { stem, ending } = partsOf(url);
  return `${stem}-${mark.slice(0, 8)}${ending}`;
}

async function publishedChecksum(
  source: SiteImage,
  site: Site,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  const checksum = source.kind === 'catalogue' ? source.image.checksum : source.checksum;
  if (checksum === undefined) return undefined;
  if ('digest' in checksum) return checksum;
  const { algorithm, url } = checksum;
  const response = await site.get(url, { signal });
  if (!response.ok) throw refused(url, response);
  const name = basename(new URL(urlOf(source)).pathname);
  const beside = url.startsWith(`${urlOf(source)}.`);
  const digest = digestFor(await response.text(), name, digestLengths[algorithm], beside);
  if (digest !== undefined) return { algorithm, digest };
  throw new DownloadError(`${url} does not tell the checksum of ${name}`, {
    hint: 'The site has changed: a newer virtdeck may know it.',
  });
}

/** Size and version of a file, where the site answers to HEAD. */
async function headOf(url: string, site: Site, signal: AbortSignal) {
  const response = await site.get(url, { signal, method: 'HEAD' });
  if (!response.ok && response.status !== 405 && response.status !== 501) throw refused(url, response);
  const { headers } = response;
  const version = headers.get('etag') ?? headers.get('last-modified') ?? '';
  return { size: response.ok ? totalOf(response) : undefined, version };
}
