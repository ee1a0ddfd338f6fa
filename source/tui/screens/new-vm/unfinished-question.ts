import type { Connection } from '../../../inventory/types.js';
import { LibvirtError } from '../../../libvirt/errors.js';
import { describeCutOff, removeCutOff, unfinishedRequests } from '../../../provision/cleanup.js';
import type { CreationJournal, CreationRecord } from '../../../provision/journal.js';
import type { PlanHost } from '../../../provision/run-plan.js';
import { choose } from '../../kit/ask.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { Creation } from './creation.js';
import { showCreation } from './creation-pane.js';
import { namesText } from './creation-text.js';

/** Cells for what is left, beside an answer. */
const noteCells = 44;

/** Asks what is to become of a creation that was cut off. */
export function askUnfinished(
  host: ScreenHost,
  journal: CreationJournal,
  { id, name }: Connection,
  record: CreationRecord,
): void {
  const { machines, made } = describeCutOff(record);
  const names = namesText(machines.length > 0 ? machines : record.requests.map((one) => one.name));
  const left = made.length === 0 ? 'nothing of it is there' : made.join(', ');
  const removal =
    (finish: boolean) =>
    async (planHost: PlanHost, creation: Creation): Promise<readonly string[]> => {
      const options = { host: planHost, journal, onEvent: creation.heard, finish };
      const { left: still, running } = await removeCutOff(record, options);
      const [first] = still;
      if (first === undefined) return running;
      throw new LibvirtError({
        kind: 'libvirt',
        message: `${first.what} is not removed: ${first.why}`,
        hint: first.byHand,
      });
    };
  const open = (creation: Creation): void => showCreation(host, creation);
  choose(host, `${names} on ${name} was not finished`, [
    ['Later', 'asked again at the next start', () => {}],
    [
      'Finish it',
      'removes what is there, and makes it anew',
      () => {
        new Creation(
          host,
          id,
          { requests: unfinishedRequests(record), plan: undefined, before: removal(true), open },
          `finish ${names}`,
        );
        say(host, { level: 'info', text: `finish ${names}: begun. J shows the tasks.` });
      },
    ],
    [
      'Remove it',
      host.look.cut(left, noteCells),
      () => {
        new Creation(
          host,
          id,
          { requests: [], plan: undefined, before: removal(false), open },
          `remove ${names}`,
        );
      },
    ],
  ]);
}
