import { type WipeAlgorithm, wholeVolumeTimeout, wipeAlgorithms } from '../../../libvirt/storage.js';
import {
  type Holder,
  type HostVolumes,
  holdersOfVolume,
  strangersOf,
} from '../../../provision/volume-holders.js';
import { bytes } from '../../../text/size.js';
import { shortList } from '../../../text/units.js';
import { ask, choose } from '../../kit/ask.js';
import { hush, say } from '../../services/messages.js';
import { staying } from '../../services/whereabouts.js';
import { readHost } from './storage-data.js';
import type { VolumeChoice } from './volume-commands.js';
import { factsOf, type VolumeLink } from './volume-facts.js';
import { beginTask } from './volume-task.js';

/** Who would lose something, in lines; and what is not known. */
interface Use {
  readonly users: readonly string[];
  readonly unknown: readonly string[];
}

/** Names that a question shows before it only counts. */
const namesShown = 6;

/** Checks who uses the volume now, then asks; one in use is refused unless the person insists. */
export function askDelete(choice: VolumeChoice): void {
  const { place, pool, volume } = choice;
  const { host, connectionId } = place;
  const remove = (): void =>
    void host.inventory.operate(connectionId, {
      on: { kind: 'pool', uuid: pool.uuid },
      pending: 'deleting a volume',
      done: `volume ${volume.name}: deleted`,
      failed: `volume ${volume.name}: delete failed`,
      call: ({ volumes }) => volumes.delete(volume),
    });
  void withLoss(choice, (use) =>
    askTwice(choice, use, { verb: 'Delete', loss: 'What is in it is lost.' }, remove),
  );
}

/** As `askDelete`, after the choice of an algorithm. */
export function askWipe(choice: VolumeChoice): void {
  const { volume, place } = choice;
  choose(place.host, `Wipe the volume ${volume.name}`, [
    ['No, leave it as it is', '', () => {}],
    ...wipeAlgorithms.map(
      (algorithm) =>
        [`Overwrite with ${algorithm}`, passes[algorithm] ?? '', () => wipe(choice, algorithm)] as const,
    ),
  ]);
}

/** How often every byte is written, where more than once (virStorageVolWipeAlgorithm). */
const passes: Readonly<Partial<Record<WipeAlgorithm, string>>> = {
  zero: 'once, zeros',
  nnsa: '4 passes',
  dod: '4 passes',
  bsi: '9 passes',
  gutmann: '35 passes',
  schneier: '7 passes',
  pfitzner7: '7 passes',
  pfitzner33: '33 passes',
  random: 'once, random',
  trim: 'discards its blocks',
};

function wipe(choice: VolumeChoice, algorithm: WipeAlgorithm): void {
  const { place, volume } = choice;
  const begin = (): void =>
    beginTask(place, {
      title: `wipe ${volume.name} (${algorithm})`,
      whenCancelled: 'no longer waited for: the host may go on with it, and the volume is partly overwritten',
      work: async ({ volumes }, { signal }) => {
        await volumes.wipe(volume, algorithm, { signal, timeout: wholeVolumeTimeout });
        return `wiped with ${algorithm}`;
      },
    });
  const texts = { verb: 'Wipe', loss: `What is in it is overwritten (${algorithm}) and lost.` };
  void withLoss(choice, (use) => askTwice(choice, use, texts, begin));
}

interface DangerTexts {
  /** "Delete" */
  readonly verb: string;
  readonly loss: string;
}

/** An unused volume takes one question; one in use is refused first, with a choice to do it anyway. */
function askTwice(
  { place: { host }, volume }: VolumeChoice,
  { users, unknown }: Use,
  { verb, loss }: DangerTexts,
  confirm: () => void,
): void {
  const facts = factsOf(volume);
  const size = facts === undefined ? '' : `, ${bytes(facts.capacity)}`;
  const doubt =
    unknown.length === 0 ? [] : ['', `Whether these use it is not known: ${shortList(unknown, namesShown)}.`];
  if (users.length === 0) {
    ask(host, {
      title: `${verb} the volume ${volume.name}?`,
      lines: [loss, '', `Volume  ${volume.name}${size}`, `Pool    ${volume.pool}`, ...doubt],
      confirm,
    });
    return;
  }
  const rest = users.length - namesShown;
  const lower = verb.toLowerCase();
  ask(host, {
    title: `${volume.name} is in use`,
    lines: [
      ...users.slice(0, namesShown),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      ...doubt,
      '',
      `They break if you ${lower} it.`,
    ],
    yes: 'Go on all the same',
    no: 'Keep it',
    // A list and no second yes: nobody gets past both by holding one key.
    confirm: () =>
      choose(host, `${verb} ${volume.name}, which is in use`, [
        ['No, keep it', '', () => {}],
        [`${verb} it although it is used`, `breaks ${users.length}`, confirm],
      ]),
  });
}

/** Reads afresh who uses a volume, and goes on if the person is still here. */
async function withLoss(choice: VolumeChoice, next: (use: Use) => void): Promise<void> {
  const { place, volume } = choice;
  const { host } = place;
  const stays = staying(host);
  const tell = (level: 'info' | 'error' | 'warning', text: string): void => say(host, { level, text });
  tell('info', `Looking who uses ${volume.name}${host.look.glyphs.pending}`);
  try {
    const found = await readHost(place);
    if (!stays()) {
      tell('warning', `${volume.name}: nothing was done, you had gone on to something else.`);
      return;
    }
    hush(host);
    next(lossOf(choice, found));
  } catch (error) {
    tell('error', `Who uses ${volume.name} could not be found out: ${(error as Error).message}`);
  }
}

function lossOf({ volume }: VolumeChoice, host: HostVolumes<VolumeLink>): Use {
  const self = `volume ${volume.pool}/${volume.name}`;
  return {
    users: holdersOfVolume(host, volume).map(holderText),
    unknown: strangersOf(host).filter((name) => name !== self),
  };
}

function holderText({ kind, name, target, by }: Holder): string {
  if (kind === 'volume') return `volume ${name}`;
  return by === undefined ? `domain ${name} (${target})` : `domain ${name}, by the volume ${by}`;
}
