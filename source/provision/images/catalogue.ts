import { catalogueData } from './catalogue-data.js';

export type ChecksumAlgorithm = 'sha256' | 'sha512';

/** A cloud image that is known by name. */
export interface CatalogueImage {
  /** "debian-12" */
  readonly id: string;
  /** "Debian 12 (bookworm)" */
  readonly name: string;
  /** Other names that it is found by. */
  readonly aliases: readonly string[];
  readonly arch: 'x86_64' | 'aarch64';
  readonly url: string;
  /** Where the site tells the digest of the file, or the digest itself. */
  readonly checksum:
    | { readonly algorithm: ChecksumAlgorithm; readonly url: string }
    | { readonly algorithm: ChecksumAlgorithm; readonly digest: string }
    | undefined;
  /** The image's own user. */
  readonly user: string;
  /** libosinfo's URL of the system. */
  readonly osId: string;
  /** What it boots by. */
  readonly firmware: 'bios' | 'uefi' | 'any';
  /** Bytes. */
  readonly minimumDisk: number;
  readonly minimumMemory: number;
  /** Whether qemu-guest-agent is in it and starts by itself. */
  readonly agent: boolean;
}

/** What a person may add by the settings; what is left out is what most images are. */
export interface ImageAddition {
  readonly id: string;
  readonly url: string;
  readonly name?: string | undefined;
  readonly arch?: CatalogueImage['arch'] | undefined;
  /** The digest of the file, or the address of a list of digests. */
  readonly sha256?: string | undefined;
  readonly sha512?: string | undefined;
  readonly user?: string | undefined;
  readonly os?: string | undefined;
  readonly firmware?: CatalogueImage['firmware'] | undefined;
  readonly agent?: boolean | undefined;
}

/** All images: a person's own come first, and take the place of those of the same name. */
export function catalogueFor(additions: readonly ImageAddition[] = []): readonly CatalogueImage[] {
  const own = additions.map(added);
  return [
    ...own,
    ...catalogueData.filter(({ id, arch }) => !own.some((one) => one.id === id && one.arch === arch)),
  ];
}

function added(addition: ImageAddition): CatalogueImage {
  const {
    id,
    url,
    name = id,
    arch = 'x86_64',
    user = '',
    os = '',
    firmware = 'any',
    agent = false,
  } = addition;
  const checksum = checksumOf('sha512', addition.sha512) ?? checksumOf('sha256', addition.sha256);
  return {
    id,
    url,
    name,
    aliases: [],
    arch,
    checksum,
    user,
    osId: os,
    firmware,
    agent,
    minimumDisk: 0,
    minimumMemory: 0,
  };
}

function checksumOf(algorithm: ChecksumAlgorithm, told: string | undefined): CatalogueImage['checksum'] {
  if (told === undefined) return undefined;
  return /^https?:/.test(told) ? { algorithm, url: told } : { algorithm, digest: told.toLowerCase() };
}

/** The image of that id or alias, in any case; or the ids that are nearest to what was typed. */
export function findImage(
  text: string,
  catalogue: readonly CatalogueImage[],
  arch: string,
): CatalogueImage | { readonly near: readonly string[] } {
  const wanted = text.trim().toLowerCase();
  const fitting = catalogue.filter((image) => image.arch === arch);
  const found = fitting.find(({ id, aliases }) =>
    [id, ...aliases].some((name) => name.toLowerCase() === wanted),
  );
  if (found !== undefined) return found;
  const letters = wanted.replace(/[^a-z]/g, '');
  const near = fitting.filter(
    ({ id }) => letters !== '' && id.replace(/[^a-z]/g, '').startsWith(letters.slice(0, 4)),
  );
  return { near: (near.length > 0 ? near : fitting).map(({ id }) => id).slice(0, 6) };
}
