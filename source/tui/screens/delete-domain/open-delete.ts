import { planRemovals } from '../../../provision/remove-domain.js';
import { count } from '../../../text/units.js';
import type { ChosenDomains, DomainSelection } from '../../services/domain-action.js';
import { hush, say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { staying } from '../../services/whereabouts.js';
import { DeletePane } from './delete-pane.js';
import type { Choice } from './delete-rows.js';

/**
 * Looks what would go with domains and shows it to be chosen from; nothing is deleted before a question. Resolves
 * when it is to be seen; never rejects.
 */
export async function openDelete(host: ScreenHost, domains: ChosenDomains['domains']): Promise<void> {
  const [{ domain: first }] = domains;
  const what = domains.length === 1 ? first.name : count(domains.length, 'domain');
  say(host, { level: 'info', text: `Looking what belongs to ${what}${host.look.glyphs.pending}` });
  // A menu that this was chosen from closes after the choice.
  await Promise.resolve();
  const stays = staying(host);
  try {
    const choices = await Promise.all(
      [...byConnection(domains)].map(([connectionId, own]) => planned(host, connectionId, own)),
    );
    if (!stays()) {
      say(host, { level: 'warning', text: `${what}: nothing was done, you had gone on to something else.` });
      return;
    }
    hush(host);
    host.panes.open(new DeletePane(host, choices.flat()));
  } catch (error) {
    const text = `What belongs to ${what} could not be found out: ${(error as Error).message}`;
    say(host, { level: 'error', text });
  }
}

async function planned(
  host: ScreenHost,
  connectionId: string,
  domains: readonly DomainSelection[],
): Promise<readonly Choice[]> {
  // As they are now: records of the inventory change.
  const listings = domains.map(({ domain: { name, uuid, id, autostart, persistent, managedSave } }) => ({
    name,
    uuid,
    id,
    autostart,
    persistent,
    managedSave,
  }));
  const removals = await host.inventory.ask(connectionId, (hypervisor) => planRemovals(hypervisor, listings));
  return removals.map((removal) => ({
    connectionId,
    removal,
    keepNvram: false,
    chosen: new Set(removal.volumes.flatMap(({ proposed, volume }) => (proposed ? [volume.key] : []))),
  }));
}

function byConnection(domains: readonly DomainSelection[]): ReadonlyMap<string, readonly DomainSelection[]> {
  const found = new Map<string, DomainSelection[]>();
  for (const one of domains) {
    const { id } = one.connection;
    found.set(id, [...(found.get(id) ?? []), one]);
  }
  return found;
}
