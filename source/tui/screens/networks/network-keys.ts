import type { Network } from '../../../inventory/object-types.js';
import type { Operation } from '../../../inventory/operate.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import type { KeyEvent } from '../../input/events.js';
import { say } from '../domain-action.js';
import type { ScreenHost } from '../screen-host.js';

/** Something a key does to a network. */
export interface NetworkAction {
  readonly key: string;
  readonly help: string;
  readonly label: (network: Network) => string;
  /** Why it does not apply now. */
  readonly refusal: (network: Network) => string | undefined;
  /** What may be lost, where that must be asked. */
  readonly question?: (network: Network) => string;
  readonly texts: (network: Network) => Pick<Operation, 'pending' | 'done'> & { readonly verb: string };
  readonly call: (hypervisor: Hypervisor, network: Network) => Promise<void>;
}

const of = ({ name }: Network): string => `network ${name}`;

/** The keys that networks have in common with everything else that can be started and stopped. */
export const networkActions: readonly NetworkAction[] = [
  {
    key: 's',
    help: 'start the network',
    label: () => 'start',
    refusal: (network) => (network.active ? `${of(network)} is already active` : undefined),
    texts: (network) => ({ pending: 'starting', done: `${of(network)}: started`, verb: 'start' }),
    call: ({ networks }, network) => networks.start(network),
  },
  {
    key: 'd',
    help: 'stop the network (asks)',
    label: () => 'stop',
    refusal: (network) => (network.active ? undefined : `${of(network)} is not active`),
    question: (network) =>
      `Guests on ${network.name} lose their link until it is started again${network.persistent ? '' : '. It is transient: it is gone then'}.`,
    texts: (network) => ({ pending: 'stopping', done: `${of(network)}: stopped`, verb: 'stop' }),
    call: ({ networks }, network) => networks.stop(network),
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
    question: (network) =>
      network.active
        ? `${network.name} is active: guests on it lose their link. Its definition is removed.`
        : `The definition of ${network.name} is removed.`,
    texts: (network) => ({ pending: 'deleting', done: `${of(network)}: deleted`, verb: 'delete' }),
    call: async ({ networks }, network) => {
      // Undefined first: what cannot be removed keeps running.
      await networks.undefine(network);
      if (network.active) await networks.stop(network);
    },
  },
];

/** Does what a key stands for to a network; asks first where something may be lost. */
export function runNetworkAction(
  host: ScreenHost,
  connectionId: string,
  network: Network,
  action: NetworkAction,
  event: KeyEvent,
): void {
  const reason = action.refusal(network);
  if (reason !== undefined) {
    say(host, { level: 'warning', text: reason });
    return;
  }
  const { pending, done, verb } = action.texts(network);
  const run = (): void =>
    void host.inventory.operate(connectionId, {
      on: { kind: 'network', uuid: network.uuid },
      pending,
      done,
      failed: `${of(network)}: ${verb} failed`,
      call: (hypervisor) => action.call(hypervisor, network),
    });
  const question = action.question?.(network);
  if (question === undefined) {
    run();
    return;
  }
  host.ui.setState({
    question: {
      title: `${verb.charAt(0).toUpperCase()}${verb.slice(1)} the network ${network.name}?`,
      lines: [question],
      yes: 'Yes',
      no: 'No',
      confirm: run,
      chunk: event.chunk,
      choice: 'no',
    },
  });
}
