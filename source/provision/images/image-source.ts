import { join, resolve } from 'node:path';
import { type CatalogueImage, type ChecksumAlgorithm, findImage } from './catalogue.js';

/** Where an image is. */
export type ImageSource =
  | { readonly kind: 'catalogue'; readonly image: CatalogueImage }
  | {
      readonly kind: 'url';
      readonly url: string;
      readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly digest: string } | undefined;
    }
  /** A file of this machine. */
  | { readonly kind: 'file'; readonly path: string }
  /** A volume of the host; of the pool that the disks go into where none is named. */
  | { readonly kind: 'volume'; readonly pool?: string | undefined; readonly name: string };

export interface SourceContext {
  readonly catalogue: readonly CatalogueImage[];
  readonly arch: string;
  /** Folder that relative paths begin at. */
  readonly cwd: string;
  readonly home: string | undefined;
  /** Whether a file is there. */
  readonly exists: (path: string) => boolean;
}

const digestLengths: Readonly<Record<ChecksumAlgorithm, number>> = { sha256: 64, sha512: 128 };

/**
 * What a person means by an image: an id of the catalogue, "http(s)://…" with "#sha256=…" where they know it, a
 * path, or POOL/VOLUME.
 */
export function parseImageSource(
  text: string,
  { catalogue, arch, cwd, home, exists }: SourceContext,
): ImageSource | { readonly problem: string; readonly hint?: string } {
  const typed = text.trim();
  if (typed === '')
    return { problem: 'name an image: an id such as debian-12, a file, an address, or POOL/VOLUME' };
  if (/^https?:\/\//i.test(typed)) return fromUrl(typed);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(typed))
    return {
      problem: `"${typed}" cannot be downloaded`,
      hint: 'An address begins with https:// or http://.',
    };
  const path =
    typed.startsWith('~/') && home !== undefined ? join(home, typed.slice(2)) : resolve(cwd, typed);
  const named = /^(\/|\.\.?\/|~\/)/.test(typed);
  if (named && !exists(path)) return { problem: `there is no file ${path}` };
  if (named) return { kind: 'file', path };
  const found = findImage(typed, catalogue, arch);
  if (!('near' in found)) return { kind: 'catalogue', image: found };
  if (exists(path)) return { kind: 'file', path };
  const [, pool, name] = /^([^/]+)\/(.+)$/.exec(typed) ?? [];
  if (pool !== undefined && name !== undefined) return { kind: 'volume', pool, name };
  if (/\.(qcow2|img|raw|iso|vmdk|vdi|vhdx)$/i.test(typed)) return { kind: 'volume', name: typed };
  return {
    problem: `there is no image "${typed}" for ${arch}`,
    hint: `Near it: ${found.near.join(', ')}. All of them: virtdeck create --images`,
  };
}

function fromUrl(typed: string): ImageSource | { readonly problem: string; readonly hint?: string } {
  let url: URL;
  try {
    url = new URL(typed);
  } catch {
    return { problem: `"${typed}" is no address` };
  }
  const { hash } = url;
  url.hash = '';
  if (url.username !== '' || url.password !== '')
    return {
      problem: 'an address with a password in it would be written down',
      hint: 'Download the file first.',
    };
  if (hash === '') return { kind: 'url', url: url.href };
  const [, algorithm, digest = ''] = /^#(sha256|sha512)=([0-9a-f]+)$/i.exec(hash) ?? [];
  const known = algorithm?.toLowerCase() as ChecksumAlgorithm | undefined;
  if (known === undefined || digest.length !== digestLengths[known])
    return { problem: `"${hash}" is no checksum: write #sha256=… or #sha512=… with the whole digest` };
  return { kind: 'url', url: url.href, checksum: { algorithm: known, digest: digest.toLowerCase() } };
}
