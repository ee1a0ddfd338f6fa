import { parseSize } from '../../text/size.js';
import type { CatalogueImage } from '../images/catalogue.js';
import type { PlainReading, Said, Wrong } from './vm-option.js';
import type { VmRequest, VmSource } from './vm-request.js';

/** What a text that was typed comes to: a value for the path of its option, or what is wrong with it. */
export function readOption(
  reading: Exclude<PlainReading, { kind: 'toggle' }>,
  typed: string,
  images: readonly CatalogueImage[],
): string | number | readonly string[] | Wrong {
  switch (reading.kind) {
    case 'text':
      return reading.read?.(typed, images) ?? typed;
    case 'count':
      return /^[1-9]\d*$/.test(typed) ? Number(typed) : { problem: 'give a number, 1 or more' };
    case 'size':
      return parseSize(/^\d+(\.\d+)?$/.test(typed) ? `${typed}${reading.unit}` : typed);
    case 'words':
      return typed.split(/[\s,]+/).filter((word) => word !== '');
    case 'line':
      return [typed];
    case 'choice': {
      const values = Object.keys(reading.choices);
      return values.includes(typed) ? typed : { problem: `is one of ${values.join(', ')}` };
    }
  }
}

export function isWrong(value: unknown): value is Wrong {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

/** The request that was said. @param hasAccess whether cloud-init sets the guest up */
export function requestFrom(
  { name, source }: { readonly name: string; readonly source: VmSource },
  said: Said,
  hasAccess: boolean,
): VmRequest {
  const below = (prefix: string): object =>
    Object.fromEntries(
      Object.entries(said).flatMap(([path, value]) =>
        path.startsWith(prefix) ? [[path.slice(prefix.length), value]] : [],
      ),
    );
  const own = Object.fromEntries(Object.entries(said).filter(([path]) => !path.includes('.')));
  // The types of paths are those of the request (`Flat`); the readers give each toggle and list a value.
  return {
    ...own,
    name,
    source,
    disk: below('disk.'),
    access: hasAccess ? below('access.') : undefined,
  } as VmRequest;
}
