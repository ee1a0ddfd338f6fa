import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { wholeVolumeTimeout as timeout, type VolumeRef } from '../../libvirt/storage.js';
import { describeVolume, volumeXml } from '../../libvirt/xml/volume-xml.js';
import { cloneVolume } from '../../provision/clone-volume.js';
import { brokenByChange, readHostVolumes, writersOf } from '../../provision/volume-holders.js';
import { literal, safe } from '../../text/safe.js';
import { bytes } from '../../text/size.js';
import { shortList } from '../../text/units.js';
import { ExitCode } from '../command.js';
import { reportProblem, usageError } from '../failures.js';
import type { SubcommandContext } from '../subcommands.js';
import { formatError, inPool, nameError, onVolume, type PoolPlace, sizeArgument } from './places.js';
import { uploadNotes } from './transfers.js';

/** `virtdeck vol create POOL NAME CAPACITY` */
export async function createVolume(
  [pool = '', name = '', size = '']: readonly string[],
  context: SubcommandContext,
): Promise<number> {
  const { io, flags } = context;
  const format = String(flags.format ?? 'qcow2');
  const wrong = nameError(context, name) ?? formatError(context, format);
  if (wrong !== undefined) return wrong;
  if (flags['backing-format'] !== undefined && flags.backing === undefined)
    return usageError(io, 'vol', '--backing-format is the format of what --backing names');
  const capacity = sizeArgument(context, size);
  const given = flags.allocation;
  const allocation = given === undefined ? undefined : sizeArgument(context, String(given));
  if (capacity === undefined || (given !== undefined && allocation === undefined)) return ExitCode.usage;
  return inPool(context, pool, `Failed to create volume '${name}'`, async (place) => {
    const backing = flags.backing === undefined ? undefined : await baseOf(place, context);
    const xml = volumeXml({ name, capacity, allocation, format, backing });
    const preallocateMetadata = flags['prealloc-metadata'] === true;
    await place.hypervisor.volumes.create(place.pool, xml, { timeout, preallocateMetadata });
    // An upload of that name is long gone.
    await uploadNotes(io).remove(place.pool, name);
    io.stdout.write(literal`Volume '${safe(name)}' created\n`);
    return ExitCode.ok;
  });
}

/** What --backing names: a volume of the pool, whose format is known, or a path. */
async function baseOf({ hypervisor, pool }: PoolPlace, { flags, io }: SubcommandContext) {
  const wanted = String(flags.backing);
  const format = flags['backing-format'] === undefined ? undefined : String(flags['backing-format']);
  const { volumes } = hypervisor;
  const base = wanted.startsWith('/')
    ? await volumes.lookupByPath(wanted).catch(() => undefined)
    : await volumes.lookup(pool, wanted);
  if (base === undefined) return { path: wanted, format };
  const writers = (await writersOf(hypervisor, base)).map(({ domain }) => domain).join(', ');
  // Somebody may be about to let the domain go on with the new one: it is made.
  if (writers !== '')
    io.stderr.write(
      literal`note: ${safe(writers)} writes to '${safe(base.name)}': what stands on it breaks with the next write\n`,
    );
  const known = describeVolume(await volumes.xml(base));
  return { path: known.path ?? wanted, format: format ?? known.format };
}

/** Who would break if a volume became shorter. @throws LibvirtError */
async function brokenNow(hypervisor: Hypervisor, volume: VolumeRef): Promise<readonly string[]> {
  const [host, domains] = await Promise.all([
    readHostVolumes(hypervisor, { refresh: true }),
    hypervisor.listDomains(),
  ]);
  return brokenByChange(host, volume, domains);
}

/** `virtdeck vol clone POOL NAME NEWNAME` */
export async function clone(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  const [pool = '', , newName = ''] = operands;
  const format = flags.format === undefined ? undefined : String(flags.format);
  const wrong = nameError(context, newName) ?? formatError(context, format);
  if (wrong !== undefined) return wrong;
  const target = String(flags.to ?? pool);
  return onVolume(context, operands, 'clone', async ({ hypervisor, volume }) => {
    const into = await hypervisor.pools.lookup(target);
    const wishes = {
      name: newName,
      format,
      flatten: flags.flatten === true,
      preallocateMetadata: flags['prealloc-metadata'] === true,
      reflink: flags.reflink === true,
    };
    await cloneVolume(hypervisor, volume, into, wishes, io.signal);
    await uploadNotes(io).remove(into, newName);
    io.stdout.write(literal`Volume '${safe(newName)}' cloned from '${safe(volume.name)}'\n`);
    return ExitCode.ok;
  });
}

/** `virtdeck vol resize POOL NAME CAPACITY` */
export async function resizeVolume(operands: readonly string[], context: SubcommandContext): Promise<number> {
  const { io, flags } = context;
  const text = operands[2] ?? '';
  const size = sizeArgument(context, text.replace(/^\+/, ''));
  if (size === undefined) return ExitCode.usage;
  return onVolume(context, operands, 'resize', async ({ hypervisor, volume }) => {
    const now = (await hypervisor.volumes.info(volume)).capacity;
    const capacity = text.startsWith('+') ? now + size : size;
    if (capacity < now && flags.shrink !== true) {
      const sizes = `from ${bytes(now)} to ${bytes(capacity)}`;
      const message = `'${volume.name}' would shrink ${sizes}: what lies behind is lost`;
      reportProblem(io, message, '--shrink does it all the same');
      return ExitCode.failed;
    }
    const broken = capacity < now && flags.force !== true ? await brokenNow(hypervisor, volume) : [];
    if (broken.length > 0) {
      const message = `'${volume.name}' is in use and would lose its end: ${shortList(broken)}`;
      reportProblem(io, message, '--force shrinks it all the same');
      return ExitCode.failed;
    }
    await hypervisor.volumes.resize(volume, capacity, { shrink: capacity < now, timeout });
    io.stdout.write(literal`Size of volume '${safe(volume.name)}' changed to ${bytes(capacity)}\n`);
    return ExitCode.ok;
  });
}
