import { DOM, NET, NODEDEV, POOL, SECRET } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, maybe } from '../xdr.js';

/** Asking for events. */
export const eventRegistration = {
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: proc(
    316,
    { eventID: i32, dom: maybe(DOM) },
    { callbackID: i32 },
  ),
  CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY: proc(317, { callbackID: i32 }, {}),
  CONNECT_NETWORK_EVENT_REGISTER_ANY: proc(313, { eventID: i32, net: maybe(NET) }, { callbackID: i32 }),
  CONNECT_NETWORK_EVENT_DEREGISTER_ANY: proc(314, { callbackID: i32 }, {}),
  CONNECT_STORAGE_POOL_EVENT_REGISTER_ANY: proc(
    368,
    { eventID: i32, pool: maybe(POOL) },
    { callbackID: i32 },
  ),
  CONNECT_STORAGE_POOL_EVENT_DEREGISTER_ANY: proc(369, { callbackID: i32 }, {}),
  CONNECT_NODE_DEVICE_EVENT_REGISTER_ANY: proc(
    374,
    { eventID: i32, dev: maybe(NODEDEV) },
    { callbackID: i32 },
  ),
  CONNECT_NODE_DEVICE_EVENT_DEREGISTER_ANY: proc(375, { callbackID: i32 }, {}),
  CONNECT_SECRET_EVENT_REGISTER_ANY: proc(380, { eventID: i32, secret: maybe(SECRET) }, { callbackID: i32 }),
  CONNECT_SECRET_EVENT_DEREGISTER_ANY: proc(381, { callbackID: i32 }, {}),
};
