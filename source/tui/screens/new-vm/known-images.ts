import { homedir } from 'node:os';
import { type CatalogueImage, catalogueFor } from '../../../provision/images/catalogue.js';
import { type ImageSource, parseImageSource } from '../../../provision/images/image-source.js';
import type { ScreenHost } from '../../services/screen-host.js';

/** Of hosts that have not told theirs yet. */
const usualArch = 'x86_64';

/** The cloud images that are offered: a person's own, and those of the catalogue that fit the host. */
export function knownImages({ settings }: ScreenHost, arch = usualArch): readonly CatalogueImage[] {
  return catalogueFor(settings.current().images).filter((image) => image.arch === arch);
}

/** The source of an image that was typed. Does not check that a file exists: a disk may be slow. */
export function typedImage(
  typed: string,
  catalogue: readonly CatalogueImage[],
): ImageSource | { readonly problem: string; readonly hint?: string } {
  const isPath = /^(?:\/|\.\.?\/|~\/)/.test(typed);
  return parseImageSource(typed, {
    catalogue,
    arch: catalogue[0]?.arch ?? usualArch,
    cwd: process.cwd(),
    home: homedir(),
    exists: () => isPath,
  });
}
