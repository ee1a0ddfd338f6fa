import { auth } from './procedures/auth.js';
import { connection } from './procedures/connection.js';
import { domainConsole } from './procedures/domain-console.js';
import { domainDevices } from './procedures/domain-devices.js';
import { domainGuest } from './procedures/domain-guest.js';
import { domainPower } from './procedures/domain-power.js';
import { eventRegistration } from './procedures/event-registration.js';
import { jobs } from './procedures/jobs.js';
import { lists } from './procedures/lists.js';
import { networks } from './procedures/networks.js';
import { snapshots } from './procedures/snapshots.js';
import { storagePools } from './procedures/storage-pools.js';
import { storageVolumes } from './procedures/storage-volumes.js';

/**
 * Every procedure that is called, under libvirt's name: more come with their first caller. Numbers and layouts are those of remote_protocol.x; from 7.0 to 11.3
 * none was renumbered or changed.
 */
export const procedures = {
  ...auth,
  ...connection,
  ...lists,
  ...domainPower,
  ...domainDevices,
  ...domainGuest,
  ...domainConsole,
  ...snapshots,
  ...jobs,
  ...networks,
  ...storagePools,
  ...storageVolumes,
  ...eventRegistration,
};

const names = new Map<unknown, string>();

/** A procedure by libvirt's name and number: "DOMAIN_GET_INFO (16)". */
export function procedureName(procedure: { readonly program: number; readonly number: number }): string {
  if (names.size === 0) for (const [name, known] of Object.entries(procedures)) names.set(known, name);
  return `${names.get(procedure) ?? 'call'} (${procedure.number})`;
}
