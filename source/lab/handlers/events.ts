import { domainEvents } from '../../wire/events.js';
import { refuse } from '../errors.js';
import type { Call, Caller, HandlerTable } from '../server/handler.js';
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
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: ({ eventID, dom }, { caller }) =>
    register(caller, 'domain', eventID, dom?.uuid),
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: deregister('domain'),
  CONNECT_NETWORK_EVENT_REGISTER_ANY: ({ eventID, net }, { caller }) =>
    register(caller, 'network', eventID, net?.uuid),
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: deregister('network'),
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: ({ eventID, pool }, { caller }) =>
    register(caller, 'storagePool', eventID, pool?.uuid),
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: deregister('storagePool'),
  CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY: ({ eventID, dev }, { caller }) =>
    register(caller, 'nodeDevice', eventID, dev?.name),
  CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY: deregister('nodeDevice'),
  CONNECT_SECRET_EVENT_REGISTER_ANY: ({ eventID, secret }, { caller }) =>
    register(caller, 'secret', eventID, secret?.uuid),
  CONNECT_SECRET_EVENT_DEREGISTER_ANY: deregister('secret'),
  CONNECT_REGISTER_CLOSE_CALLBACK: () => ({}),
  CONNECT_UNREGISTER_CLOSE_CALLBACK: () => ({}),
};

function register(caller: Caller, family: EventFamily, id: number, key: string | undefined) {
  if (id < 0 || id > lastEvent[family]) throw refuse.internal(`unsupported event ID ${id}`);
  return { callbackID: caller.registrations.add(family, id, key) };
}

function deregister(family: EventFamily) {
  return ({ callbackID }: { readonly callbackID: number }, { caller }: Call): void => {
    if (!caller.registrations.remove(family, callbackID))
      throw refuse.internal(`event callback ID ${callbackID} not registered`);
  };
}
