import { dirname } from 'node:path';
import { backingChain, type ChainBase, type ChainBranch } from '../../libvirt/backing-chain.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { placesOf } from '../../libvirt/source-places.js';
import { describePool } from '../../libvirt/xml/pool-xml.js';
import { linkOfVolume, readHostVolumes, type VolumeLink } from '../../provision/volume-holders.js';
import { jsonText } from '../../text/json.js';
import { joined, literal, type SafeText, safe } from '../../text/safe.js';
import { ExitCode } from '../command.js';
import { reportError } from '../failures.js';
import { wasLost } from '../hosts.js';
import { poolKind } from '../pool/pool.js';
import type { SubcommandContext } from '../subcommands.js';
import { onVolume } from './places.js';

type Link = VolumeLink;

/** `virtdeck vol chain POOL NAME`: a chain that is broken is a finding for scripts, by its exit code. */
export function showChain(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  return onVolume(context, operands, 'show the chain of', async (place) => {
    const { hypervisor, volume } = place;
    const host = await readHostVolumes(hypervisor, { refresh: true });
    const { links, unread } = host;
    for (const { pool, name, error } of unread)
      if (error !== undefined)
        reportError(
          io,
          name === undefined ? `Failed to look into pool '${pool}'` : `Failed to read volume '${name}'`,
          error,
        );
    const own = linkOfVolume(host, volume);
    // It was said why it could not be read.
    if (own === undefined) return ExitCode.failed;
    const { below, above } = backingChain(own, links);
    const folders = below.some((base) => base.volume === undefined) ? await poolFolders(hypervisor) : [];
    const bases = below.map((base) => ({ ...base, fault: faultOf(base, folders) }));
    if (flags.json) {
      const tree = (branches: readonly ChainBranch<Link>[]): unknown =>
        branches.map((branch) => ({ ...plainLink(branch.volume), above: tree(branch.above) }));
      const plain = bases.map(({ path, volume: base, ring, fault }) => ({
        path,
        missing: fault === 'missing',
        ring,
        ...(base === undefined ? {} : plainLink(base)),
      }));
      io.stdout.write(literal`${jsonText({ ...plainLink(own), below: plain, above: tree(above) }, 2)}\n`);
    } else io.stdout.write(literal`${joined(drawn(own, bases, above), literal`\n`)}\n`);
    const broken = bases.some(({ fault }) => fault === 'missing' || fault === 'ring');
    if (await wasLost(io, place)) return ExitCode.failed;
    return broken || unread.length > 0 ? ExitCode.failed : ExitCode.ok;
  });
}

/** What scripts are told of a volume. */
function plainLink({ pool, name, path, backing, key, volume: { format } }: Link) {
  return { pool, name, path, backing, format, key };
}

type Fault = keyof typeof marks | undefined;

const marks = {
  ring: '  (again: the chain is a ring)',
  missing: '  (missing)',
  outside: '  (in no active pool)',
} as const;

/** What lies in the directory of a pool would be known to it; what lies elsewhere nobody has looked at. */
function faultOf({ path, volume, ring }: ChainBase<Link>, folders: readonly string[]): Fault {
  if (ring) return 'ring';
  if (volume !== undefined) return undefined;
  const [place = path] = placesOf(path);
  return folders.includes(dirname(place)) ? 'missing' : 'outside';
}

async function poolFolders(hypervisor: Hypervisor): Promise<readonly string[]> {
  const active = (await poolKind.list(hypervisor)).filter((pool) => pool.active);
  const paths = await Promise.all(
    active.map(async (pool) => describePool(await hypervisor.pools.xml(pool)).path),
  );
  return paths.flatMap((path) => (path === undefined ? [] : [path.replace(/(?<=.)\/$/, '')]));
}

function drawn(
  own: Link,
  bases: readonly (ChainBase<Link> & { readonly fault: Fault })[],
  above: readonly ChainBranch<Link>[],
): readonly SafeText[] {
  const line = (depth: number, text: string, mark = ''): SafeText => safe('  '.repeat(depth) + text + mark);
  const named = ({ name, pool }: Link): string => `${name}  ${pool}`;
  const below = bases.toReversed().map(({ path, volume, fault }, depth) => {
    const text = volume === undefined ? path : named(volume);
    return line(depth, text, fault === undefined ? '' : marks[fault]);
  });
  const draw = (branches: readonly ChainBranch<Link>[], depth: number): SafeText[] =>
    branches.flatMap((branch) => [line(depth, named(branch.volume)), ...draw(branch.above, depth + 1)]);
  return [...below, line(bases.length, named(own), '  <- this one'), ...draw(above, bases.length + 1)];
}
