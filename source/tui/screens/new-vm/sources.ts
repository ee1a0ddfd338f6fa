import { isUnsupported } from '../../../libvirt/errors.js';
import { usualNetwork } from '../../../provision/choose-network.js';
import type { CatalogueImage } from '../../../provision/images/catalogue.js';
import type { ImageSource } from '../../../provision/images/image-source.js';
import { usualPool } from '../../../provision/places.js';
import type { VmSource } from '../../../provision/request/vm-request.js';
import { wholeOnes } from '../../../provision/upload-marker.js';
import { bytes } from '../../../text/size.js';
import type { HostReading } from './host-reading.js';
import { typedImage } from './known-images.js';

/** Lists behind an entry of the first list. */
export type SourceGroup = 'iso' | 'import' | 'address';

/** A line of the first page: something to make a VM from, or a list of such things. */
export interface SourceRow {
  /** Its name for the cursor, and for the draft. */
  readonly id: string;
  readonly text: string;
  readonly note: string;
  readonly pick:
    | { readonly kind: 'source'; readonly source: VmSource }
    | { readonly kind: 'group'; readonly group: SourceGroup }
    | { readonly kind: 'problem'; readonly message: string };
}

/** Everything that is not a cloud image. */
const others: readonly SourceRow[] = [
  {
    id: 'iso',
    text: 'install ISO…',
    note: 'a volume, a file or a URL',
    pick: { kind: 'group', group: 'iso' },
  },
  {
    id: 'address',
    text: 'file or URL…',
    note: 'a disk image of your own',
    pick: { kind: 'group', group: 'address' },
  },
  {
    id: 'pxe',
    text: 'PXE',
    note: 'boots from the network',
    pick: { kind: 'source', source: { kind: 'pxe' } },
  },
  {
    id: 'import',
    text: 'import an existing disk…',
    note: 'a volume, used as it is',
    pick: { kind: 'group', group: 'import' },
  },
  {
    id: 'empty',
    text: 'empty disk',
    note: 'nothing to boot from',
    pick: { kind: 'source', source: { kind: 'empty' } },
  },
];

/** What there is to choose from, narrowed by what is typed. */
export function sourceRows(
  group: SourceGroup | undefined,
  typed: string,
  {
    images,
    reading,
  }: { readonly images: readonly CatalogueImage[]; readonly reading: HostReading | undefined },
): readonly SourceRow[] {
  const volumes = reading === undefined ? [] : volumeRows(group, reading);
  const all = group === undefined ? [...images.map(catalogueRow), ...volumes, ...others] : volumes;
  const words = typed.toLowerCase().trim().split(/\s+/);
  const found = all.filter(({ id, text, note }) => {
    const about = `${id} ${text} ${note}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
  const places = typedRows(group, typed.trim(), images);
  return found.length === 0 ? places : [...found, ...places.filter(({ pick }) => pick.kind !== 'problem')];
}

function catalogueRow(image: CatalogueImage): SourceRow {
  const source: ImageSource = { kind: 'catalogue', image };
  return {
    id: `image ${image.id}`,
    text: image.name,
    note: image.id,
    pick: { kind: 'source', source: { kind: 'image', image: source } },
  };
}

/** Seeds and the disks of domains are no images; libvirt tells more of a volume only one by one. */
function volumeRows(group: SourceGroup | undefined, { pools, facts }: HostReading): readonly SourceRow[] {
  if (group === 'address') return [];
  const domains = facts.domains.map(({ name }) => name);
  return pools.flatMap(({ listing, volumes }) =>
    wholeOnes(volumes)
      .filter(({ name }) => {
        const isIso = /\.iso$/i.test(name);
        if (/-seed\.iso$/.test(name)) return false;
        if (group === 'iso') return isIso;
        return !isIso && !domains.some((domain) => isDiskOf(domain, name));
      })
      .map(({ name }): SourceRow => {
        const pool = listing.name;
        return {
          id: `volume ${pool}/${name}`,
          text: name,
          note: `volume of ${pool}`,
          pick: { kind: 'source', source: fromVolume(group, pool, name) },
        };
      }),
  );
}

/** "web-1.qcow2" and "web-1-data.img" are disks of web-1. */
function isDiskOf(domain: string, volume: string): boolean {
  return volume === domain || (volume.startsWith(domain) && /^[-_.]/.test(volume.slice(domain.length)));
}

function fromVolume(group: SourceGroup | undefined, pool: string, name: string): VmSource {
  if (group === 'import') return { kind: 'import', pool, volume: name };
  return { kind: group === 'iso' ? 'iso' : 'image', image: { kind: 'volume', pool, name } };
}

/** What is typed may be a place of its own: a path, a URL, POOL/VOLUME. */
function typedRows(
  group: SourceGroup | undefined,
  typed: string,
  images: readonly CatalogueImage[],
): readonly SourceRow[] {
  const isPlace = /^(?:~?\/|\.{1,2}\/|https?:\/\/)/i.test(typed);
  if (typed === '' || (!isPlace && group === undefined)) return [];
  if (group === 'import') {
    const [, pool, volume = typed] = /^([^/]+)\/(.+)$/.exec(typed) ?? [];
    if (isPlace) return [];
    return [typedRow(typed, { kind: 'import', pool, volume })];
  }
  const image = typedImage(typed, images);
  if (!('problem' in image)) return [typedRow(typed, { kind: group === 'iso' ? 'iso' : 'image', image })];
  const message = image.hint === undefined ? image.problem : `${image.problem}. ${image.hint}`;
  return [{ id: 'typed', text: typed, note: 'cannot be used', pick: { kind: 'problem', message } }];
}

function typedRow(typed: string, source: VmSource): SourceRow {
  return { id: 'typed', text: typed, note: 'as typed', pick: { kind: 'source', source } };
}

/** A source in a few words: "Debian 12", "debian.iso", "PXE". */
export function sourceText(source: VmSource): string {
  if (source.kind === 'import') return `disk ${source.volume}`;
  if ('image' in source) return imageText(source.image);
  return source.kind === 'pxe' ? 'PXE' : 'empty disk';
}

function imageText(image: ImageSource): string {
  if (image.kind === 'catalogue') return image.image.name;
  if (image.kind === 'volume') return `volume ${image.name}`;
  return image.kind === 'file' ? image.path : image.url;
}

/** What a VM from this source is called, before its number: "debian-12". */
export function stemOf(source: VmSource): string {
  const place =
    source.kind === 'import'
      ? source.volume
      : 'image' in source
        ? source.image.kind === 'catalogue'
          ? source.image.image.id
          : imageText(source.image).replace(/^volume /, '')
        : 'vm';
  const last =
    place
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? '';
  const stem = last
    .replace(/\.(?:qcow2|raw|img|iso|vmdk|xz|gz|zst)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return stem === '' ? 'vm' : stem;
}

/** The first "debian-12-1", "debian-12-2", … that neither a domain nor the disk of one has. */
export function freeName(stem: string, reading: HostReading | undefined): string {
  if (reading === undefined) return `${stem}-1`;
  const taken = new Set([
    ...reading.facts.domains.map(({ name }) => name),
    ...reading.pools.flatMap(({ volumes }) =>
      volumes.map(({ name }) => name.replace(/(?:-seed\.iso|\.[^.]+)$/, '')),
    ),
  ]);
  for (let number = 1; ; number += 1) if (!taken.has(`${stem}-${number}`)) return `${stem}-${number}`;
}

/** A remark beside the pool if the host lacks the usual one; otherwise undefined. */
export function poolNote(reading: HostReading | undefined): string | undefined {
  const pools = reading?.pools ?? [];
  if (pools.length === 0 || pools.some(({ listing }) => listing.name === usualPool)) return undefined;
  return `there is no pool ${usualPool}`;
}

/** "default: 11.2 GiB free" */
export function poolText({ listing, info }: HostReading['pools'][number]): string {
  if (!listing.active) return `${listing.name} (inactive)`;
  return info === undefined ? listing.name : `${listing.name} (${bytes(info.available)} free)`;
}

/** Networks of the host by their names, with what keeps them from being used as they are. */
export function networksOf(
  reading: HostReading | undefined,
): readonly { readonly name: string; active: boolean }[] {
  const networks = reading?.facts.networks;
  return networks === undefined || isUnsupported(networks) ? [] : networks;
}

/** The host can have networks, and not the one that libvirt's packages define: it can be made. */
export function lacksNetwork(reading: HostReading | undefined): boolean {
  if (reading?.mayMakeNetwork !== true) return false;
  return !networksOf(reading).some(({ name }) => name === usualNetwork);
}
