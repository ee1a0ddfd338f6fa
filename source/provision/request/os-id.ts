import type { CatalogueImage } from '../images/catalogue.js';
import type { Wrong } from './vm-option.js';

/** A URL as it is, or a short id ("debian12") of a system that one of the images has. */
export function osIdOf(typed: string, images: readonly CatalogueImage[]): string | Wrong {
  if (/^https?:\/\//.test(typed)) return typed;
  const short = (text: string): string => text.replace(/^https?:\/\/[^/]+\//, '').replace(/[/-]/g, '');
  const found = images.find((image) => short(image.osId) === short(typed) || image.id === typed);
  return (
    found?.osId ?? {
      problem: `"${typed}" is not known here: give libosinfo's URL, e.g. http://debian.org/debian/12`,
    }
  );
}
