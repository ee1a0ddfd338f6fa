import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, extname, isAbsolute, join } from 'node:path';
import { putInPlace, writeAtomically } from '../../state/atomic-write.js';
import { lockFile } from '../../state/file-lock.js';
import { makeFolder } from '../../state/make-folder.js';
import { readSmallText } from '../../state/read-small-file.js';
import { DownloadError } from '../http/download-error.js';
import { openSite } from '../http/site.js';
import type { ChecksumAlgorithm } from './catalogue.js';
import { downloadFile } from './download.js';
import { readingProblem } from './image-problem.js';
import { type Inspection, inspectImage } from './magic.js';
import {
  type Checksum,
  digestLengths,
  headOf,
  publishedChecksum,
  type SiteImage,
  urlOf,
} from './site-image.js';

type Env = Readonly<Record<string, string | undefined>>;

/** What is known of an image before it is downloaded. */
export interface KnownImage {
  /**
   * Of its file here and of its volume on a host; another content has another name. Where nothing tells the contents
   * apart before they are here (`settled` is false), `fetch` tells the name.
   */
  readonly name: string;
  readonly settled: boolean;
  /** Bytes of the file; undefined where the site does not tell. */
  readonly size: number | undefined;
  readonly cached: boolean;
  readonly checksum: Checksum | undefined;
  /** Why the site did not tell, and what is cached is used instead. */
  readonly unasked: string | undefined;
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

/** Which file an image was when it was last known to be the right one. */
interface ContentNote {
  readonly mark: string;
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: string;
}

/** Size, times and number of a file: another one in its place has others, also where its time was set back. */
async function markOf(path: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  return [size, mtimeMs, ctimeMs, ino].join(' ');
}

async function digestOf(path: string, algorithm: ChecksumAlgorithm, signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  return hash.digest('hex');
}

/** How long a site may take to tell the checksum, in milliseconds: it is asked each time. */
const askTimeout = 10_000;

/**
 * Images of this machine, for all hosts: whole, and of the checksum that the site tells. They lie in
 * $XDG_CACHE_HOME/virtdeck/images, else below ~/.cache, and can be deleted at any time.
 */
export class ImageCache {
  readonly folder: string;
  /** What each address has last led to: a file's name alone does not tell its site. */
  readonly #names: string;

  constructor(env: Env) {
    const given = env.XDG_CACHE_HOME;
    const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : homedir();
    const base = given && isAbsolute(given) ? given : join(home, '.cache');
    this.folder = join(base, 'virtdeck', 'images');
    this.#names = join(base, 'virtdeck', 'image-names');
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
      const { message, hint } = error as DownloadError;
      const late = (error as Error).name === 'TimeoutError';
      const problem = late ? `${url}: the site does not answer` : message;
      const known = await this.#withoutSite(source);
      if (known !== undefined)
        return { ...known, settled: true, cached: true, checksum: undefined, unasked: problem };
      return { problem, ...(hint && { hint }) };
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
      const settled = checksum !== undefined || head.version !== '';
      const cached = settled ? await this.#has(name) : undefined;
      return {
        name,
        settled,
        size: cached?.size ?? head.size,
        cached: cached !== undefined,
        checksum,
        unasked: undefined,
      };
    } finally {
      site.close();
    }
  }

  /** What is here while the site cannot be asked: the content that is wanted, or the last where any will do. */
  async #withoutSite(
    source: SiteImage,
  ): Promise<{ readonly name: string; readonly size: number } | undefined> {
    const { checksum } = source.kind === 'catalogue' ? source.image : source;
    const url = urlOf(source);
    const name =
      checksum !== undefined && 'digest' in checksum
        ? nameOf(url, checksum.digest)
        : await readSmallText(this.#noteOf(url), 4096).catch(() => '');
    if (name === '') return undefined;
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
    const { name, settled, checksum, unasked } = known;
    const path = join(this.folder, name);
    if (unasked !== undefined) onStep(`${unasked}: the image of the cache is used`);
    if (known.cached && (await this.#isUnchanged(name, known.checksum, options)))
      return this.#read(name, source);
    await makeFolder(this.folder);
    const lock = await lockFile(`${path}.lock`, {
      signal,
      onWait: () => onStep('another virtdeck downloads this image: waiting for it'),
    });
    try {
      // Whoever was waited for has downloaded it.
      let whole = name;
      if (!settled || (await this.#has(name)) === undefined) {
        const { algorithm, digest } = await downloadFile(urlOf(source), path, {
          ...options,
          checksum,
          onRetry: (reason) => onStep(`${reason}; trying again`),
        });
        if (!settled) whole = await this.#settle(path, nameOf(urlOf(source), digest));
        await this.#noteContent(whole, { algorithm, digest });
      }
      const image = await this.#read(whole, source);
      // What it is to be used for is not known here.
      const problem = readingProblem(image);
      if (problem === undefined) return image;
      await rm(join(this.folder, whole), { force: true });
      throw new DownloadError(`${urlOf(source)}: ${problem.message}`, { hint: problem.hint });
    } finally {
      await lock.release();
    }
  }

  /**
   * Whether an image is what was downloaded: its file is the very one, or has the same digest still. One that is not
   * is removed.
   *
   * @throws DownloadError where it has changed and the site cannot be asked for it again
   */
  async #isUnchanged(
    name: string,
    wanted: Pick<Checksum, 'algorithm' | 'digest'> | undefined,
    { signal, onStep }: FetchOptions,
  ): Promise<boolean> {
    const path = join(this.folder, name);
    const noted = await this.#contentOf(name);
    if (noted?.mark === (await markOf(path))) return true;
    const expected = wanted ?? noted;
    // Of an image of an earlier version nobody knows more.
    if (expected === undefined) return true;
    onStep('the image of the cache has been touched: it is looked at again');
    const digest = await digestOf(path, expected.algorithm, signal);
    if (digest === expected.digest) {
      await this.#noteContent(name, expected);
      return true;
    }
    await rm(path, { force: true });
    if (wanted !== undefined) return false;
    throw new DownloadError(`the image ${name} of the cache has been changed, and is removed`, {
      hint: 'Try again: it is downloaded anew.',
    });
  }

  async #noteContent(
    name: string,
    { algorithm, digest }: Pick<Checksum, 'algorithm' | 'digest'>,
  ): Promise<void> {
    const note: ContentNote = { mark: await markOf(join(this.folder, name)), algorithm, digest };
    await makeFolder(this.#names);
    await writeAtomically(join(this.#names, `${name}.json`), JSON.stringify(note), { mode: 0o600 });
  }

  async #contentOf(name: string): Promise<ContentNote | undefined> {
    try {
      const { mark, algorithm, digest } = JSON.parse(
        await readSmallText(join(this.#names, `${name}.json`), 4096),
      ) as ContentNote;
      return algorithm in digestLengths ? { mark, algorithm, digest } : undefined;
    } catch {
      return undefined;
    }
  }

  /** Names of the images that are there, whole. */
  async list(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names.filter((name) => !/\.(part|part\.json|lock|lock\.guard)$|^\..*\.tmp$/.test(name));
  }

  /** Only the content itself tells which one it is. */
  async #settle(path: string, name: string): Promise<string> {
    await putInPlace(path, join(this.folder, name));
    return name;
  }

  async #read(name: string, source: SiteImage): Promise<CachedImage> {
    const path = join(this.folder, name);
    const image = { ...(await inspectImage(path)), path, name };
    await makeFolder(this.#names);
    await writeAtomically(this.#noteOf(urlOf(source)), name, { mode: 0o600 });
    return image;
  }

  #noteOf(url: string): string {
    return join(this.#names, createHash('sha256').update(url).digest('hex').slice(0, 32));
  }

  async #has(name: string): Promise<{ readonly size: number } | undefined> {
    const found = await stat(join(this.folder, name)).catch(() => undefined);
    return found?.isFile() ? { size: found.size } : undefined;
  }
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
