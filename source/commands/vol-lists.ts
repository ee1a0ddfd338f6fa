import { backingChain, type ChainBranch } from '../libvirt/backing-chain.js';
import { safe } from '../text/safe.js';
import { bytes } from '../text/size.js';
import { ExitCode } from './command.js';
import type { SubcommandContext } from './subcommands.js';
import { table } from './table.js';
import { allVolumes, describedVolumes, inPool, linkOf, onVolume } from './vol-places.js';

/** `virtdeck vol list POOL` */
export function listVolumes([pool = '']: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  return inPool(context, pool, `Failed to list the volumes of '${pool}'`, async (place) => {
    const volumes = await describedVolumes(place);
    volumes.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    if (flags.json) {
      const rows = volumes.map(({ pool: _, key: __, ...volume }) => volume);
      io.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
      return ExitCode.ok;
    }
    const left = (title: string) => ({ title, align: 'left' }) as const;
    const right = (title: string) => ({ title, align: 'right' }) as const;
    io.stdout.write(
      table(
        [left('Name'), left('Format'), right('Capacity'), right('Allocation'), left('Backing'), left('Path')],
        volumes.map((volume) =>
          [
            volume.name,
            volume.format ?? '-',
            bytes(volume.capacity),
            bytes(volume.allocation),
            volume.backing?.path ?? '-',
            volume.path ?? '-',
          ].map(safe),
        ),
      ),
    );
    return ExitCode.ok;
  });
}

/** `virtdeck vol chain POOL NAME` */
export function showChain(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  return onVolume(context, operands, 'show the chain of', async ({ hypervisor, volume }) => {
    const links = (await allVolumes(hypervisor)).map((one) => ({ ...linkOf(one), key: one.key }));
    const own = links.find(({ key }) => key === volume.key);
    if (own === undefined) return ExitCode.failed;
    const { below, above } = backingChain(own, links);
    if (flags.json) {
      const tree = (branches: readonly ChainBranch<(typeof links)[number]>[]): unknown =>
        branches.map((branch) => ({ ...branch.volume, above: tree(branch.above) }));
      const bases = below.map(({ path, volume: base, ring }) => ({
        path,
        missing: base === undefined,
        ring,
        ...base,
      }));
      io.stdout.write(`${JSON.stringify({ ...own, below: bases, above: tree(above) }, undefined, 2)}\n`);
      return ExitCode.ok;
    }
    const lines = below.toReversed().map(({ path, volume: base, ring }, depth) => {
      const mark = ring ? '  (again: the chain is a ring)' : base === undefined ? '  (missing)' : '';
      return `${'  '.repeat(depth)}${safe(base === undefined ? path : `${base.name}  ${base.pool}`)}${mark}`;
    });
    const draw = (branches: readonly ChainBranch<(typeof links)[number]>[], depth: number): string[] =>
      branches.flatMap((branch) => [
        `${'  '.repeat(depth)}${safe(`${branch.volume.name}  ${branch.volume.pool}`)}`,
        ...draw(branch.above, depth + 1),
      ]);
    const here = `${'  '.repeat(below.length)}${safe(own.name)}  ${safe(own.pool)}  <- this one`;
    io.stdout.write(`${[...lines, here, ...draw(above, below.length + 1)].join('\n')}\n`);
    // A chain that cannot be read to its end is a finding for a script.
    return below.some(({ volume: base }) => base === undefined) ? ExitCode.failed : ExitCode.ok;
  });
}

/** `virtdeck vol dumpxml POOL NAME` */
export function dumpVolume(operands: readonly string[], context: SubcommandContext): Promise<number> {
  return onVolume(context, operands, 'show', async ({ hypervisor, volume }) => {
    context.io.stdout.write(await hypervisor.volumes.xml(volume));
    return ExitCode.ok;
  });
}
