import type { Connection } from '../../../inventory/types.js';
import { CreationJournal, type CreationRecord, creationsFolder } from '../../../provision/journal.js';
import { isLocalUri } from '../../../provision/places.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { isBusy } from '../../services/whereabouts.js';

/**
 * Asks about creations of this machine that were cut off, each once, as soon as its host is connected and
 * nothing else is asked: to finish them, to remove what they have left, or to leave it for later.
 *
 * @returns ends the asking
 */
export function offerUnfinished(host: ScreenHost): () => void {
  const { inventory, ui, environment } = host;
  const journal = new CreationJournal(creationsFolder(environment));
  let waiting: readonly CreationRecord[] = [];
  let ended = false;
  const offer = (): void => {
    if (ended || isBusy(host) || host.panes.top() !== undefined) return;
    for (const record of waiting) {
      const connection = hostOf(record, inventory.store.getState().connections);
      if (connection === undefined) continue;
      waiting = waiting.filter((other) => other !== record);
      // What makes VMs takes time to load, and seldom is there anything to ask.
      import('./unfinished-question.js')
        .then(({ askUnfinished }) => askUnfinished(host, journal, connection, record))
        .catch((error: Error) =>
          say(host, {
            level: 'warning',
            text: `a creation was cut off; what it left is not known: ${error.message}`,
          }),
        );
      return;
    }
  };
  const stops = [inventory.store.subscribe(offer), ui.subscribe(offer)];
  void journal.cutOff().then((records) => {
    waiting = records;
    offer();
  });
  return () => {
    ended = true;
    for (const stop of stops) stop();
  };
}

/**
 * The connected host that it was on: by what opened the connection. Where that was libvirt's choice, by what the daemon
 * calls itself, which is the same on every host: then only one of this machine.
 */
function hostOf(record: CreationRecord, connections: readonly Connection[]): Connection | undefined {
  return connections.find(
    ({ status, uri, name, info }) =>
      status.state === 'connected' &&
      (record.connection === undefined
        ? info?.uri === record.uri && isLocalUri(uri)
        : record.connection === uri || record.connection === name),
  );
}
