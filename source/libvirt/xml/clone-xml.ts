import { attributesOf, copyOfParts } from './copy-element.js';
import { attribute, children, parseRoot } from './element.js';
import { newImageElements } from './volume-xml.js';
import { document, element, optional } from './write.js';

/** What a person decides of a copy; the rest is as in the original. */
export interface CloneSpec {
  readonly name: string;
  /** Another format; left out: the original's. */
  readonly format?: string | undefined;
  /** False for a pool of devices: no format is written into those. */
  readonly files?: boolean | undefined;
  /** Stands on nothing: what the original reads from its backing store is written into the copy. */
  readonly flatten?: boolean | undefined;
}

/** What libvirt tells of a volume and takes from nobody. */
const told: ReadonlySet<string> = new Set(['name', 'key', 'physical', 'path', 'timestamps']);
/** What belongs to an image of a format, and to no other. */
const ofFormat: ReadonlySet<string> = new Set(['format', 'compat', 'features', 'clusterSize']);

/**
 * The definition of a copy: the original's with another name, as `virsh vol-clone` makes it. Encryption, mode and
 * owner, compat and features, how much is taken at once and what it stands on are the original's.
 *
 * @param original the volume's XML. @throws Error where it is none
 */
export function cloneXml(
  original: string,
  { name, format, files = true, flatten = false }: CloneSpec,
): string {
  const root = parseRoot(original, 'volume');
  const target = children(root, 'target')[0];
  const own = attribute(children(target, 'format')[0], 'type') ?? 'raw';
  const wanted = files ? (format ?? own) : undefined;
  const alone = flatten || !files;
  return document(
    element('volume', attributesOf(root), [
      optional('name', name),
      ...copyOfParts(
        root,
        (part) => !told.has(part) && part !== 'target' && !(alone && part === 'backingStore'),
      ),
      element('target', {}, [
        ...(wanted === own ? copyOfParts(target, (part) => ofFormat.has(part)) : newImageElements(wanted)),
        ...copyOfParts(target, (part) => !told.has(part) && !ofFormat.has(part)),
      ]),
    ]),
  );
}
