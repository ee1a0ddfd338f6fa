import { domainEvents } from '../../wire/events.js';
import { refuse } from '../errors.js';
import type { HandlerTable, Session } from '../server/handler.js';
import type { EventFamily } from '../world/events.js';

/** The last domain event of libvirt 9.0; NIC_MAC_CHANGE came with 11.2. */
const lastDomainEvent = domainEvents.MEMORY_DEVICE_SIZE_CHANGE.id;
/** Lifecycle and one more (refresh, update, value changed); networks have one only. */
const lastEvent: Readonly<Record<EventFamily, number>> = {
  domain: lastDomainEvent,
  network: 0,
  storagePool: 1,
  nodeDevice: 1,
  secret: 1,
};

/** Who wants to hear of what. */
export const events: HandlerTable = {
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: ({ eventID, dom }, { session }) =>
    register(session, 'domain', eventID, dom?.uuid),
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: ({ callbackID }, { session }) =>
    deregister(session, 'domain', callbackID),
  CONNECT_NETWORK_EVENT_REGISTER_ANY: ({ eventID, net }, { session }) =>
    register(session, 'network', eventID, net?.uuid),
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: ({ callbackID }, { session }) =>
    deregister(session, 'network', callbackID),
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: ({ eventID, pool }, { session }) =>
    register(session, 'storagePool', eventID, pool?.uuid),
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: ({ callbackID }, { session }) =>
    deregister(session, 'storagePool', callbackID),
  CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY: ({ eventID, dev }, { session }) =>
    register(session, 'nodeDevice', eventID, dev?.name),
  CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY: ({ callbackID }, { session }) =>
    deregister(session, 'nodeDevice', callbackID),
  CONNECT_SECRET_EVENT_REGISTER_ANY: ({ eventID, secret }, { session }) =>
    register(session, 'secret', eventID, secret?.uuid),
  CONNECT_SECRET_EVENT_DEREGISTER_ANY: ({ callbackID }, { session }) =>
    deregister(session, 'secret', callbackID),
  CONNECT_REGISTER_CLOSE_CALLBACK: () => ({}),
  CONNECT_UNREGISTER_CLOSE_CALLBACK: () => ({}),
};

function register(session: Session, family: EventFamily, id: number, key: string | undefined) {
  if (id < 0 || id > lastEvent[family]) throw refuse.internal(`unsupported event ID ${id}`);
  return { callbackID: session.registrations.add(family, id, key) };
}

function deregister(session: Session, family: EventFamily, callback: number) {
  if (!session.registrations.remove(family, callback)) {
    throw refuse.internal(`event callback ID ${callback} not registered`);
  }
  return {};
}
