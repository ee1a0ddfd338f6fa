import type { Channel } from '../../wire/channel.js';
import { RemoteError } from '../../wire/errors.js';
import { domainEvents, objectEvents } from '../../wire/events.js';
import type { EventMessage } from '../../wire/procedure.js';
import { procedures } from '../../wire/procedures.js';
import type { Value } from '../../wire/xdr.js';
import { agentConnected } from '../constants.js';
import {
  type HypervisorEvent,
  lifecycleDetail,
  lifecycleEvents,
  networkEvents,
  poolEvents,
} from '../events.js';

interface Subscription {
  /** Which of the three ways to register it has. */
  readonly register: (channel: Channel) => Promise<unknown>;
  listen(channel: Channel, emit: (event: HypervisorEvent) => void): void;
}

/** What is asked for, and how each message reads as an event of this program. */
const subscriptions: readonly Subscription[] = [
  subscription(domainEvents.LIFECYCLE, ({ dom, event: number, detail }) => {
    const event = lifecycleEvents[number];
    return event && { type: 'lifecycle', domain: dom, event, detail: lifecycleDetail(event, detail) };
  }),
  subscription(domainEvents.REBOOT, ({ dom }) => ({ type: 'reboot', domain: dom })),
  subscription(domainEvents.IO_ERROR_REASON, ({ dom, srcPath, reason }) => ({
    type: 'io-error',
    domain: dom,
    path: srcPath,
    reason,
  })),
  subscription(domainEvents.BALLOON_CHANGE, ({ dom, actual }) => ({ type: 'balloon', domain: dom, actual })),
  subscription(domainEvents.AGENT_LIFECYCLE, ({ dom, state }) => ({
    type: 'agent',
    domain: dom,
    connected: state === agentConnected,
  })),
  subscription(domainEvents.METADATA_CHANGE, ({ dom }) => ({ type: 'metadata', domain: dom })),
  subscription(
    objectEvents.NETWORK_EVENT_LIFECYCLE,
    ({ net, event: number }) => {
      const event = networkEvents[number];
      return event && { type: 'network', network: net, event };
    },
    registerNetwork,
  ),
  subscription(
    objectEvents.STORAGE_POOL_EVENT_LIFECYCLE,
    ({ pool, event: number }) => {
      const event = poolEvents[number];
      return event && { type: 'pool', pool, event };
    },
    registerPool,
  ),
  subscription(
    objectEvents.STORAGE_POOL_EVENT_REFRESH,
    ({ pool }) => ({ type: 'pool', pool, event: 'refreshed' }),
    registerPool,
  ),
];

/**
 * Asks the daemon for every event this program knows and hands them to `emit`. An event that the daemon or
 * driver does not have is left out. Resolves when the daemon has answered all requests: from then on nothing
 * is missed. Rejects when there was no answer.
 *
 * @param onClosed the daemon lost its own connection to the hypervisor
 */
export async function subscribeEvents(
  channel: Channel,
  emit: (event: HypervisorEvent) => void,
  onClosed: (reason: number) => void,
): Promise<void> {
  channel.listen(objectEvents.CONNECT_EVENT_CONNECTION_CLOSED, ({ reason }) => onClosed(reason));
  for (const { listen } of subscriptions) listen(channel, emit);
  const answers = await Promise.allSettled([
    channel.call(procedures.CONNECT_REGISTER_CLOSE_CALLBACK, {}),
    ...subscriptions.map(({ register }) => register(channel)),
  ]);
  for (const answer of answers) {
    if (answer.status === 'rejected' && !(answer.reason instanceof RemoteError)) throw answer.reason;
  }
}

type Register = (channel: Channel, eventID: number) => Promise<unknown>;

function registerDomain(channel: Channel, eventID: number): Promise<unknown> {
  return channel.call(procedures.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY, { eventID, dom: undefined });
}

function registerNetwork(channel: Channel, eventID: number): Promise<unknown> {
  return channel.call(procedures.CONNECT_NETWORK_EVENT_REGISTER_ANY, { eventID, net: undefined });
}

function registerPool(channel: Channel, eventID: number): Promise<unknown> {
  return channel.call(procedures.CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY, { eventID, pool: undefined });
}

function subscription<T>(
  message: EventMessage<T> & { readonly id: number },
  read: (body: T) => HypervisorEvent | undefined,
  register: Register = registerDomain,
): Subscription {
  return {
    register: (channel) => register(channel, message.id),
    listen: (channel, emit) =>
      channel.listen(message, (body: Value<typeof message.body>) => {
        const event = read(body as T);
        if (event) emit(event);
      }),
  };
}
