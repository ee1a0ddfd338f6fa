import type { LibvirtError } from '../../libvirt/errors.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { type VolumeRef, wholeVolumeTimeout } from '../../libvirt/storage.js';
import { holdersOf, readHostVolumes, strangersOf, type Unread } from '../../provision/volume-holders.js';
import { literal, safe } from '../../text/safe.js';
import { shortList } from '../../text/units.js';
import { ExitCode } from '../command.js';
import { reportError, reportProblem } from '../failures.js';
import type { SubcommandContext } from '../subcommands.js';
import { inPool, lookupVolume } from './places.js';
import { uploadNotes } from './transfers.js';

/** `virtdeck vol delete POOL NAME…`: one that fails does not stop the others. */
export function deleteVolumes(
  [pool = '', ...names]: readonly string[],
  context: SubcommandContext,
): Promise<number> {
  const { io, flags } = context;
  return inPool(context, pool, `Failed to delete from pool '${pool}'`, async (place) => {
    const { hypervisor } = place;
    const neededBy = flags.force === true ? undefined : await needs(hypervisor);
    let failed = false;
    for (const name of names) {
      try {
        const volume = await lookupVolume(hypervisor, place.pool, name);
        const users = neededBy?.of(volume) ?? [];
        if (users.length > 0) {
          failed = true;
          reportProblem(io, `'${name}' is used by ${shortList(users)}`, '--force deletes it all the same');
          continue;
        }
        await hypervisor.volumes.delete(volume, { timeout: wholeVolumeTimeout });
        neededBy?.forget(volume);
        await uploadNotes(io).remove(place.pool, name);
        io.stdout.write(literal`Volume '${safe(name)}' deleted\n`);
      } catch (error) {
        if ((error as LibvirtError).kind === 'closed') throw error;
        failed = true;
        reportError(io, `Failed to delete volume '${name}'`, error as LibvirtError);
      }
    }
    return failed ? ExitCode.failed : ExitCode.ok;
  });
}

/**
 * Who needs which volume of a host, after it has looked for volumes anew. What could not be read may need any of them.
 *
 * @throws LibvirtError where the host does not answer
 */
async function needs(hypervisor: Hypervisor) {
  let host = await readHostVolumes(hypervisor, { refresh: true });
  return {
    of(volume: VolumeRef): readonly string[] {
      const known = holdersOf(host, volume);
      if (known.length > 0) return known;
      const own = `volume ${volume.pool}/${volume.name}`;
      return strangersOf(host).flatMap((one) =>
        one === own ? [] : [`perhaps ${one}, which cannot be read`],
      );
    },
    /** What is deleted needs nothing any more. */
    forget({ pool, name }: VolumeRef): void {
      const others = <T extends Pick<Unread, 'pool' | 'name'>>(all: readonly T[]): readonly T[] =>
        all.filter((one) => one.pool !== pool || one.name !== name);
      host = { ...host, links: others(host.links), unread: others(host.unread) };
    },
  };
}
