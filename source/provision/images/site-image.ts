import { basename } from 'node:path';
import { DownloadError, refused } from '../http/download-error.js';
import type { Site } from '../http/site.js';
import type { ChecksumAlgorithm } from './catalogue.js';
import { digestFor } from './checksums.js';
import { type DownloadOptions, totalOf } from './download.js';
import type { ImageSource } from './image-source.js';

/** An image that is on the net. */
export type SiteImage = Exclude<ImageSource, { kind: 'volume' | 'file' }>;
export type Checksum = NonNullable<DownloadOptions['checksum']>;

/** Bytes of a site's list: Fedora's and Ubuntu's have a hundredth of it. */
const mostChecksums = 4 * 1024 ** 2;
export const digestLengths: Readonly<Record<ChecksumAlgorithm, number>> = { sha256: 64, sha512: 128 };

export function urlOf(source: SiteImage): string {
  return source.kind === 'catalogue' ? source.image.url : source.url;
}

/** What an image's site, or whoever names the image, says its contents are. @throws DownloadError */
export async function publishedChecksum(
  source: SiteImage,
  site: Site,
  signal: AbortSignal,
): Promise<Checksum | undefined> {
  const checksum = source.kind === 'catalogue' ? source.image.checksum : source.checksum;
  if (checksum === undefined) return undefined;
  if ('digest' in checksum) return { ...checksum, given: true };
  const { algorithm, url } = checksum;
  const response = await site.get(url, { signal });
  if (!response.ok) throw refused(url, response);
  const name = basename(new URL(urlOf(source)).pathname);
  const beside = url.startsWith(`${urlOf(source)}.`);
  const digest = digestFor(await response.text(mostChecksums), name, digestLengths[algorithm], beside);
  if (digest !== undefined) return { algorithm, digest };
  throw new DownloadError(`${url} does not tell the checksum of ${name}`, {
    hint: 'The site has changed: a newer virtdeck may know it.',
  });
}

/** Size and version of a file, where the site answers to HEAD. */
export async function headOf(url: string, site: Site, signal: AbortSignal) {
  const response = await site.get(url, { signal, method: 'HEAD' });
  if (!response.ok && response.status !== 405 && response.status !== 501) throw refused(url, response);
  response.cancel();
  const version = response.header('etag') ?? response.header('last-modified') ?? '';
  return { size: response.ok ? totalOf(response) : undefined, version };
}
