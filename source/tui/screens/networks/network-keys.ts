import {
  guestNames,
  guestsOn,
  type NetworkGuests,
  reattachGuests,
} from '../../../inventory/network-reattach.js';
import type { Network } from '../../../inventory/object-types.js';
import type { Operation } from '../../../inventory/operate.js';
import { LibvirtError } from '../../../libvirt/errors.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { shortList } from '../../../text/units.js';
import { ask } from '../../kit/ask.js';
import type { Binding } from '../../kit/binding.js';
import { editDefinition } from '../../services/edit-xml.js';
import { offline } from '../../services/live-connection.js';
import { say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { staying } from '../../services/whereabouts.js';

/** What the keys of a network act on. */
export interface NetworkChoice {
  readonly host: ScreenHost;
  readonly connectionId: string;
  readonly network: Network;
}

/** Something a key does to a network. */
interface NetworkAction {
  readonly key: string;
  readonly help: string;
  readonly label: (network: Network) => string;
  /** Why it does not apply now. */
  readonly refusal: (network: Network) => string | undefined;
  /** What may be lost, where that must be asked; with the guests that lose their link by it. */
  readonly question?: (network: Network, cut: NetworkGuests) => readonly string[];
  /** Whether active guests may be cut off: they are looked for first. */
  readonly cuts?: (network: Network) => boolean;
  /** Offers to plug in again whoever is still cut off, once it is done. */
  readonly offersReattach?: boolean;
  readonly texts: (network: Network) => Pick<Operation, 'pending' | 'done'> & { readonly verb: string };
  readonly call: (hypervisor: Hypervisor, network: Network) => Promise<void>;
}

const of = ({ name }: Network): string => `network ${name}`;

/** The keys that networks have in common with everything else that can be started and stopped. */
const networkActions: readonly NetworkAction[] = [
  {
    key: 's',
    help: 'start the network',
    label: () => 'start',
    refusal: (network) => (network.active ? `${of(network)} is already active` : undefined),
    texts: (network) => ({ pending: 'starting', done: `${of(network)}: started`, verb: 'start' }),
    call: ({ networks }, network) => networks.start(network),
    offersReattach: true,
  },
  {
    key: 'd',
    help: 'stop the network (asks)',
    label: () => 'stop',
    refusal: (network) => (network.active ? undefined : `${of(network)} is not active`),
    cuts: () => true,
    question: (network, cut) => [
      ...cutOff(cut, network.persistent),
      ...(network.persistent ? [] : ['It is transient: it is gone then.']),
    ],
    texts: (network) => ({
      pending: 'stopping',
      done: `${of(network)}: stopped${network.persistent ? '' : ', and gone: it was transient'}`,
      verb: 'stop',
    }),
    call: ({ networks }, network) => networks.stop(network),
  },
  {
    key: 'R',
    help: 'plug its active guests in again',
    label: () => 'reattach guests',
    refusal: (network) => (network.active ? undefined : `${of(network)} is not active`),
    texts: (network) => ({
      pending: 'reattaching',
      done: `${of(network)}: its active guests are plugged in`,
      verb: 'reattach guests',
    }),
    call: reattachAll,
  },
  {
    key: 'A',
    help: 'autostart on or off',
    label: ({ autostart }) => (autostart ? 'autostart off' : 'autostart'),
    refusal: (network) =>
      network.persistent ? undefined : `${of(network)} is transient: it cannot be started with the host`,
    texts: (network) => ({
      pending: 'changing',
      done: `${of(network)}: autostart ${network.autostart ? 'off' : 'on'}`,
      verb: 'autostart',
    }),
    call: ({ networks }, network) => networks.setAutostart(network, !network.autostart),
  },
  {
    key: 'D',
    help: 'delete the network (asks)',
    label: () => 'delete',
    refusal: (network) =>
      network.persistent ? undefined : `${of(network)} is transient: stop it, and it is gone`,
    cuts: (network) => network.active,
    question: (network, cut) => [
      ...(network.active ? [`${network.name} is active.`, ...cutOff(cut, false)] : []),
      'Its definition is removed.',
    ],
    texts: (network) => ({ pending: 'deleting', done: `${of(network)}: deleted`, verb: 'delete' }),
    call: async ({ networks }, network) => {
      // Undefined first: what cannot be removed keeps running.
      await networks.undefine(network);
      if (network.active) await networks.stop(network);
    },
  },
];

/** What guests lose, by name; libvirt (9.0) makes a new bridge at the next start, and plugs nobody in. */
function cutOff({ guests, unknown }: NetworkGuests, comesBack: boolean): readonly string[] {
  const doubt = unknown.length === 0 ? [] : [`Whether these are on it is not known: ${shortList(unknown)}.`];
  if (guests.length === 0 && doubt.length === 0) return ['No active guest is on it.'];
  return [
    ...(guests.length === 0 ? [] : [`${guestNames({ guests })}.`]),
    ...doubt,
    comesBack
      ? 'They lose their link, and stay cut off when it is started again, until they are reattached (R).'
      : 'They lose their link.',
  ];
}

/** @throws LibvirtError that names those that failed */
async function reattachAll(hypervisor: Hypervisor, network: Network): Promise<void> {
  const { failed, unknown } = await reattachGuests(hypervisor, network);
  if (failed.length + unknown.length === 0) return;
  const reasons = [
    ...failed.map(({ name, error }) => `${name}: ${error.message}`),
    ...unknown.map((name) => `${name} could not be read: it may be cut off still`),
  ];
  throw new LibvirtError({ kind: 'libvirt', message: reasons.join('; ') });
}

/** The keys of a network, on the tab and on its own screen. */
export const networkBindings: readonly Binding<NetworkChoice>[] = [
  ...networkActions.map(
    (action): Binding<NetworkChoice> => ({
      keys: [action.key],
      on: 'network',
      help: action.help,
      label: ({ network }) => action.label(network),
      refusal: (choice) => offline(choice) ?? action.refusal(choice.network),
      run: (choice) => begin(choice, action),
    }),
  ),
  {
    keys: ['e'],
    on: 'network',
    help: 'edit the XML in your editor',
    label: 'edit XML',
    refusal: offline,
    run: ({ host, connectionId, network: { name, uuid, persistent } }) =>
      void editDefinition(host, connectionId, {
        title: `network ${name}`,
        on: { kind: 'network', uuid },
        read: ({ networks }) => networks.xml({ name, uuid }, { inactive: persistent }),
        define: ({ networks }, xml) => networks.define(xml),
      }),
  },
];

/** Asks first where something may be lost. */
function begin({ host, connectionId, network }: NetworkChoice, action: NetworkAction): void {
  const run = (): void => void perform(host, connectionId, network, action);
  const { question } = action;
  if (question === undefined) run();
  else if (action.cuts?.(network) !== true) askFor(host, network, action, question(network, nobody), run);
  else
    void lookWhoIsOn(host, connectionId, network).then((cut) => {
      if (cut !== undefined) askFor(host, network, action, question(network, cut), run);
    });
}

async function perform(
  host: ScreenHost,
  connectionId: string,
  network: Network,
  action: NetworkAction,
): Promise<void> {
  const { pending, done, verb } = action.texts(network);
  const outcome = await host.inventory.operate(connectionId, {
    on: { kind: 'network', uuid: network.uuid },
    pending,
    done,
    failed: `${of(network)}: ${verb} failed`,
    call: (hypervisor) => action.call(hypervisor, network),
  });
  if (!outcome.ok || action.offersReattach !== true) return;
  const stays = staying(host);
  // Knowing who was on it is a bonus: where it cannot be found out, R reattaches them anyway.
  const on = await guestsOnIt(host, connectionId, network).catch(() => nobody);
  if (on.guests.length === 0) return;
  if (!stays()) {
    say(host, { level: 'warning', text: `${of(network)}: R reattaches ${guestNames(on)}` });
    return;
  }
  const reattach = networkActions.find(({ key }) => key === 'R');
  ask(host, {
    title: `Reattach the guests of ${network.name}?`,
    lines: [`Still cut off from it: ${guestNames(on)}.`, 'They are plugged in again while they run.'],
    confirm: () => void (reattach && perform(host, connectionId, network, reattach)),
  });
}

const nobody: NetworkGuests = { guests: [], unknown: [] };

function guestsOnIt(host: ScreenHost, connectionId: string, network: Network): Promise<NetworkGuests> {
  return host.inventory.ask(connectionId, (hypervisor) => guestsOn(hypervisor, network));
}

/** Who would be cut off, read afresh; undefined, with a message, if the person moved on or it cannot be read. */
async function lookWhoIsOn(
  host: ScreenHost,
  connectionId: string,
  network: Network,
): Promise<NetworkGuests | undefined> {
  const stays = staying(host);
  try {
    const found = await guestsOnIt(host, connectionId, network);
    if (stays()) return found;
    say(host, { level: 'warning', text: `${of(network)}: nothing was done, you had gone on.` });
  } catch (error) {
    const text = `${of(network)}: who is on it could not be found out: ${(error as Error).message}`;
    say(host, { level: 'error', text });
  }
  return undefined;
}

function askFor(
  host: ScreenHost,
  network: Network,
  action: NetworkAction,
  lines: readonly string[],
  confirm: () => void,
): void {
  const { verb } = action.texts(network);
  const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} the network ${network.name}?`;
  ask(host, { title, lines, confirm });
}
