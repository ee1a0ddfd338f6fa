import type { Connection } from '../../../inventory/types.js';
import { LibvirtError } from '../../../libvirt/errors.js';
import { type CutOff, describeCutOff, removeCutOff, unfinishedRequests } from '../../../provision/cleanup.js';
import { CreationJournal, creationsFolder } from '../../../provision/journal.js';
import type { PlanHost } from '../../../provision/run-plan.js';
import { say } from '../domain-action.js';
import type { ScreenHost } from '../screen-host.js';
import { choose } from '../storage/choose.js';
import { Creation, namesText } from './creation.js';

/** Cells for what is left, beside an answer. */
const noteCells = 44;

/**
 * Asks about creations of this machine that were cut off, each once, as soon as its host is connected and
 * nothing else is asked: to finish them, to remove what they have left, or to leave it for later.
 *
 * @returns ends the asking
 */
export function offerUnfinished(host: ScreenHost): () => void {
  const { inventory, ui, environment } = host;
  const journal = new CreationJournal(creationsFolder(environment));
  let waiting: readonly CutOff[] = [];
  let ended = false;
  const look = (): void => {
    const { menu, question, help, field } = ui.getState();
    const busy = [menu, question, help, field, host.panes.top()].some((open) => open !== undefined);
    if (ended || busy) return;
    for (const cutOff of waiting) {
      const connection = hostOf(cutOff, inventory.store.getState().connections);
      if (connection === undefined) continue;
      waiting = waiting.filter((other) => other !== cutOff);
      ask(host, journal, connection, cutOff);
      return;
    }
  };
  const stops = [inventory.store.subscribe(look), ui.subscribe(look)];
  void journal.cutOff().then((records) => {
    waiting = records.map(describeCutOff);
    look();
  });
  return () => {
    ended = true;
    for (const stop of stops) stop();
  };
}

/** The connected host that it was on: by what opened the connection, or by what its daemon calls itself. */
function hostOf({ record }: CutOff, connections: readonly Connection[]): Connection | undefined {
  return connections.find(
    ({ status, uri, name, info }) =>
      status.state === 'connected' &&
      (record.connection === undefined
        ? info?.uri === record.uri
        : record.connection === uri || record.connection === name),
  );
}

function ask(host: ScreenHost, journal: CreationJournal, { id, name }: Connection, cutOff: CutOff): void {
  const { machines, made, record } = cutOff;
  const names = namesText(machines.length > 0 ? machines : record.requests.map((one) => one.name));
  const left = made.length === 0 ? 'nothing of it is there' : made.join(', ');
  const removal = async (planHost: PlanHost, creation: Creation): Promise<void> => {
    const still = await removeCutOff(record, { host: planHost, journal, onEvent: creation.heard });
    const [first] = still;
    if (first === undefined) return;
    throw new LibvirtError({
      kind: 'libvirt',
      message: `${first.what} could not be removed: ${first.why}`,
      hint: first.byHand,
    });
  };
  choose(host, { chunk: -1 }, `${names} on ${name} was not finished`, [
    ['Later', 'asked again at the next start', () => {}],
    [
      'Finish it',
      'removes what is there, and makes it anew',
      () => {
        new Creation(
          host,
          id,
          { requests: unfinishedRequests(record), plan: undefined, before: removal },
          `finish ${names}`,
        );
        say(host, { level: 'info', text: `finish ${names}: begun. J shows the tasks.` });
      },
    ],
    [
      'Remove it',
      host.look.cut(left, noteCells),
      () => {
        new Creation(host, id, { requests: [], plan: undefined, before: removal }, `remove ${names}`);
      },
    ],
  ]);
}
