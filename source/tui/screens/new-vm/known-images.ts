import type { CatalogueImage } from '../../../provision/images/catalogue.js';
import type { ImageSource } from '../../../provision/images/image-source.js';

export function knownImages(_arch: string | undefined): readonly CatalogueImage[] {
  return [];
}

export function parseImageSource(text: string, _images: readonly CatalogueImage[]): ImageSource {
  if (/^https?:/.test(text)) return { kind: 'url', url: text };
  if (/^[~./]/.test(text)) return { kind: 'file', path: text };
  const [, pool, name = text] = /^([^/]+)\/(.+)$/.exec(text) ?? [];
  return { kind: 'volume', pool, name };
}
