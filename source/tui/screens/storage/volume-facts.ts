import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { UnsettledLink } from '../../../inventory/volume-identity.js';
import { usersOf, type VolumeUse } from '../../../inventory/volume-users.js';
import type { ChainLink } from '../../../libvirt/backing-chain.js';
import { placesOf } from '../../../libvirt/source-places.js';
import { filePools } from '../../../libvirt/storage.js';
import { describePool, type PoolDescription } from '../../../libvirt/xml/pool-xml.js';
import { describeVolume, type VolumeDescription } from '../../../libvirt/xml/volume-xml.js';
import { bytes } from '../../../text/size.js';
import type { Fact } from '../../kit/facts.js';
import { readOnce } from '../../kit/read-once.js';

/** What a volume's XML says; undefined until it has been read, or where it is not valid. */
export const { of: factsOf, isRead: isDescribed } = readOnce<Volume, VolumeDescription>(describeVolume);

/** What stands behind a volume's row: the volume, and a link of its chain. */
export interface FoundVolume extends UnsettledLink {
  readonly volume: Volume;
  readonly facts: VolumeDescription | undefined;
}

export type VolumeLink = FoundVolume & ChainLink;

/** A volume as a link of a backing chain, before it is known what its base is. */
export function linkOf(volume: Volume): FoundVolume {
  const facts = factsOf(volume);
  const { pool, name, key } = volume;
  return { volume, facts, pool, name, key, path: facts?.path, backing: facts?.backing?.path };
}

/** The last part of a path, in whatever spelling: a chain's files lie in one place mostly. */
export function baseName(source: string): string {
  const path = placesOf(source).at(-1) ?? source;
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

const { of: poolFacts } = readOnce<Pool, PoolDescription>(describePool);

/** Formats belong to files; devices are what the storage gives. */
export function hasFormats(pool: Pool): boolean {
  const type = poolFacts(pool)?.type;
  return type === undefined || filePools.has(type);
}

/** What there is to say of a volume below the list. */
export function volumeFacts(volume: Volume, use: VolumeUse): Fact[] {
  const facts = factsOf(volume);
  const users = usersOf(use, volume, facts?.path).map(({ domain, target }) => `${domain} (${target})`);
  const values: (readonly [string, string | undefined])[] = [
    ['Volume', [volume.name, facts?.format, facts?.type].filter(Boolean).join('  ')],
    ['Error', volume.error?.message],
    [
      'Size',
      facts === undefined
        ? undefined
        : `${bytes(facts.capacity)}, ${bytes(facts.allocation)} taken of the pool`,
    ],
    ['Path', facts?.path ?? (facts === undefined ? undefined : volume.key)],
    [
      'Backing',
      facts?.backing === undefined
        ? undefined
        : `${facts.backing.path}  ${facts.backing.format ?? ''}${facts.baseSeen ? '' : '  (missing)'}`,
    ],
    ['Used by', users.length === 0 ? undefined : users.join(', ')],
  ];
  return values.flatMap(([label, value]): Fact[] => (value === undefined ? [] : [[label, [value]]]));
}
