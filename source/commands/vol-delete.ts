import { allVolumes, linkOf } from '../inventory/all-volumes.js';
import { readVolumeUse, usersOf } from '../inventory/volume-users.js';
import { dependents } from '../libvirt/backing-chain.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { type VolumeRef, wholeVolumeTimeout } from '../libvirt/storage.js';
import { safe } from '../text/safe.js';
import { ExitCode } from './command.js';
import { reportError } from './connections.js';
import type { SubcommandContext } from './subcommands.js';
import { inPool } from './vol-places.js';
import { uploadNotes } from './vol-transfers.js';

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
        const volume = await hypervisor.volumes.lookup(place.pool, name);
        const users = neededBy?.of(volume) ?? [];
        if (users.length > 0) {
          failed = true;
          io.stderr.write(
            `error: '${safe(name)}' is used by ${safe(users.join(', '))}\nhint: --force deletes it all the same\n`,
          );
          continue;
        }
        await hypervisor.volumes.delete(volume, { timeout: wholeVolumeTimeout });
        neededBy?.forget(volume);
        await uploadNotes(io).remove(place.pool, name);
        io.stdout.write(`Volume '${safe(name)}' deleted\n`);
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
 * Who needs which volume of a host. What could not be read may need any of them.
 *
 * @throws LibvirtError where the host does not answer
 */
async function needs(hypervisor: Hypervisor) {
  const [{ volumes, unread }, use] = await Promise.all([
    allVolumes(hypervisor),
    hypervisor.listDomains().then((domains) => readVolumeUse(hypervisor, domains)),
  ]);
  let links = volumes.map((volume) => ({ ...linkOf(volume), key: volume.key }));
  let dark = unread;
  return {
    of(volume: VolumeRef): readonly string[] {
      const link = links.find(({ key }) => key === volume.key);
      const disks = usersOf(use, volume, link?.path).map(({ domain }) => `domain ${domain}`);
      const above = link === undefined ? [] : dependents(link, links).map(({ name }) => `volume ${name}`);
      const known = [...disks, ...above];
      if (known.length > 0) return known;
      return [
        ...use.unknown.map((name) => `perhaps domain ${name}, which cannot be read`),
        ...dark
          .filter(({ key }) => key !== volume.key)
          .map(({ name }) => `perhaps volume ${name}, which cannot be read`),
      ];
    },
    /** What is deleted needs nothing any more. */
    forget({ key }: VolumeRef): void {
      links = links.filter((link) => link.key !== key);
      dark = dark.filter((ref) => ref.key !== key);
    },
  };
}
