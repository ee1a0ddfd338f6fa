import { backingChain, type ChainBase, type ChainBranch } from '../../../libvirt/backing-chain.js';
import { type HostVolumes, usersOfLink } from '../../../provision/volume-holders.js';
import { bytes } from '../../../text/size.js';
import type { StyleName } from '../../theme/styles.js';
import type { VolumeLink } from './volume-facts.js';

/** A line of the tree. */
export interface ChainRow {
  /** Branches before the name. */
  readonly tree: string;
  readonly name: string;
  /** Where it is a volume that was read. */
  readonly link: VolumeLink | undefined;
  readonly about: string;
  readonly style: StyleName;
  /** The volume that the tree is about. */
  readonly current: boolean;
}

/** How branches are drawn: an inner one, the last one, and the line beside deeper ones. */
const branches = {
  unicode: { middle: '├─ ', last: '└─ ', on: '│  ' },
  ascii: { middle: '|- ', last: '`- ', on: '|  ' },
} as const;
const none = '   ';

/** Trees deeper or wider than this are cut: overlays can be made to refer to each other endlessly. */
const mostRows = 2000;

/** What a volume stands on, the lowest first, then everything that stands on it. */
export function chainRows(own: VolumeLink, host: HostVolumes<VolumeLink>, unicode: boolean): ChainRow[] {
  const { below, above } = backingChain(own, host.links);
  const glyphs = unicode ? branches.unicode : branches.ascii;
  const rows: ChainRow[] = [];
  const lowestFirst = below.toReversed();
  for (const [depth, base] of lowestFirst.entries()) {
    // The one that stands on it knows whether the host could look at it.
    const stander = lowestFirst[depth + 1]?.volume ?? own;
    rows.push({ tree: stem(depth, glyphs.last), current: false, ...baseRow(base, stander, host) });
  }
  const depth = below.length;
  rows.push({ tree: stem(depth, glyphs.last), current: true, ...volumeRow(own, host) });
  const walk = (list: readonly ChainBranch<VolumeLink>[], before: string): void => {
    for (const [at, { volume, above: next }] of list.entries()) {
      if (rows.length >= mostRows) return;
      const last = at === list.length - 1;
      rows.push({
        tree: before + (last ? glyphs.last : glyphs.middle),
        current: false,
        ...volumeRow(volume, host),
      });
      walk(next, before + (last ? none : glyphs.on));
    }
  };
  walk(above, none.repeat(depth));
  return rows;
}

function stem(depth: number, branch: string): string {
  return depth === 0 ? '' : none.repeat(depth - 1) + branch;
}

type RowText = Pick<ChainRow, 'name' | 'link' | 'about' | 'style'>;

function baseRow(
  { path, volume, ring }: ChainBase<VolumeLink>,
  stander: VolumeLink,
  host: HostVolumes<VolumeLink>,
): RowText {
  if (ring) return { name: path, link: volume, about: '! stands on itself: a ring', style: 'bad' };
  if (volume !== undefined) return volumeRow(volume, host);
  return stander.facts?.baseSeen === true
    ? { name: path, link: undefined, about: 'in no active pool', style: 'warning' }
    : { name: path, link: undefined, about: '! missing: the chain is broken', style: 'bad' };
}

function volumeRow(link: VolumeLink, host: HostVolumes<VolumeLink>): RowText {
  const { facts } = link;
  const users = usersOfLink(host, link).map(({ domain }) => domain);
  const parts = [
    link.pool,
    facts?.format,
    facts === undefined ? notRead(link, host) : bytes(facts.capacity),
    users.length === 0 ? undefined : `used by ${users.join(', ')}`,
  ];
  const about = parts.filter((part) => part !== undefined).join('  ');
  return { name: link.name, link, about, style: 'plain' };
}

function notRead({ pool, name }: VolumeLink, { unread }: HostVolumes<VolumeLink>): string {
  const error = unread.find((one) => one.pool === pool && one.name === name)?.error;
  return `not read${error === undefined ? '' : `: ${error.message}`}`;
}
