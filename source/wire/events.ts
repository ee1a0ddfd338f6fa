import { DOM, NET, NODEDEV, POOL, SECRET } from './objects.js';
import { event } from './procedure.js';
import { DomainEventGraphicsAddress, DomainEventGraphicsIdentity } from './structs.js';
import { typedParams } from './typed-params.js';
import { i32, i64, list, maybe, str, u32, u64 } from './xdr.js';

/**
 * Domain events: `id` is what CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY takes, the rest is the message that
 * then comes. An id that a daemon does not know is answered with "unsupported event ID".
 */
export const domainEvents = {
  LIFECYCLE: { id: 0, ...event(318, { callbackID: i32, dom: DOM, event: i32, detail: i32 }) },
  REBOOT: { id: 1, ...event(319, { callbackID: i32, dom: DOM }) },
  RTC_CHANGE: { id: 2, ...event(320, { callbackID: i32, dom: DOM, offset: i64 }) },
  WATCHDOG: { id: 3, ...event(321, { callbackID: i32, dom: DOM, action: i32 }) },
  IO_ERROR: { id: 4, ...event(322, { callbackID: i32, dom: DOM, srcPath: str, devAlias: str, action: i32 }) },
  GRAPHICS: {
    id: 5,
    ...event(323, {
      callbackID: i32,
      dom: DOM,
      phase: i32,
      local: DomainEventGraphicsAddress,
      remote: DomainEventGraphicsAddress,
      authScheme: str,
      subject: list(DomainEventGraphicsIdentity, 20),
    }),
  },
  IO_ERROR_REASON: {
    id: 6,
    ...event(324, { callbackID: i32, dom: DOM, srcPath: str, devAlias: str, action: i32, reason: str }),
  },
  CONTROL_ERROR: { id: 7, ...event(325, { callbackID: i32, dom: DOM }) },
  BLOCK_JOB: { id: 8, ...event(326, { callbackID: i32, dom: DOM, path: str, type: i32, status: i32 }) },
  DISK_CHANGE: {
    id: 9,
    ...event(327, {
      callbackID: i32,
      dom: DOM,
      oldSrcPath: maybe(str),
      newSrcPath: maybe(str),
      devAlias: str,
      reason: i32,
    }),
  },
  TRAY_CHANGE: { id: 10, ...event(328, { callbackID: i32, dom: DOM, devAlias: str, reason: i32 }) },
  PMWAKEUP: { id: 11, ...event(329, { callbackID: i32, reason: i32, dom: DOM }) },
  PMSUSPEND: { id: 12, ...event(330, { callbackID: i32, reason: i32, dom: DOM }) },
  BALLOON_CHANGE: { id: 13, ...event(331, { callbackID: i32, dom: DOM, actual: u64 }) },
  PMSUSPEND_DISK: { id: 14, ...event(332, { callbackID: i32, reason: i32, dom: DOM }) },
  DEVICE_REMOVED: { id: 15, ...event(333, { callbackID: i32, dom: DOM, devAlias: str }) },
  BLOCK_JOB_2: { id: 16, ...event(339, { callbackID: i32, dom: DOM, dst: str, type: i32, status: i32 }) },
  TUNABLE: { id: 17, ...event(346, { callbackID: i32, dom: DOM, params: typedParams(2048) }) },
  AGENT_LIFECYCLE: { id: 18, ...event(348, { callbackID: i32, dom: DOM, state: i32, reason: i32 }) },
  DEVICE_ADDED: { id: 19, ...event(354, { callbackID: i32, dom: DOM, devAlias: str }) },
  MIGRATION_ITERATION: { id: 20, ...event(359, { callbackID: i32, dom: DOM, iteration: i32 }) },
  JOB_COMPLETED: { id: 21, ...event(363, { callbackID: i32, dom: DOM, params: typedParams(64) }) },
  DEVICE_REMOVAL_FAILED: { id: 22, ...event(367, { callbackID: i32, dom: DOM, devAlias: str }) },
  METADATA_CHANGE: { id: 23, ...event(379, { callbackID: i32, dom: DOM, type: i32, nsuri: maybe(str) }) },
  BLOCK_THRESHOLD: {
    id: 24,
    ...event(385, { callbackID: i32, dom: DOM, dev: str, path: maybe(str), threshold: u64, excess: u64 }),
  },
  MEMORY_FAILURE: {
    id: 25,
    ...event(423, { callbackID: i32, dom: DOM, recipient: i32, action: i32, flags: u32 }),
  },
  MEMORY_DEVICE_SIZE_CHANGE: { id: 26, ...event(438, { callbackID: i32, dom: DOM, alias: str, size: u64 }) },
  NIC_MAC_CHANGE: {
    id: 27,
    ...event(453, { callbackID: i32, dom: DOM, alias: str, oldMAC: str, newMAC: str }),
  },
};

/** Events of the other kinds of objects, with the id in their own registration call. */
export const objectEvents = {
  NETWORK_EVENT_LIFECYCLE: { id: 0, ...event(315, { callbackID: i32, net: NET, event: i32, detail: i32 }) },
  NETWORK_EVENT_CALLBACK_METADATA_CHANGE: {
    id: 1,
    ...event(446, { callbackID: i32, net: NET, type: i32, nsuri: maybe(str) }),
  },
  STORAGE_POOL_EVENT_LIFECYCLE: {
    id: 0,
    ...event(370, { callbackID: i32, pool: POOL, event: i32, detail: i32 }),
  },
  STORAGE_POOL_EVENT_REFRESH: { id: 1, ...event(373, { callbackID: i32, pool: POOL }) },
  NODE_DEVICE_EVENT_LIFECYCLE: {
    id: 0,
    ...event(376, { callbackID: i32, dev: NODEDEV, event: i32, detail: i32 }),
  },
  NODE_DEVICE_EVENT_UPDATE: { id: 1, ...event(377, { callbackID: i32, dev: NODEDEV }) },
  SECRET_EVENT_LIFECYCLE: {
    id: 0,
    ...event(382, { callbackID: i32, secret: SECRET, event: i32, detail: i32 }),
  },
  SECRET_EVENT_VALUE_CHANGED: { id: 1, ...event(383, { callbackID: i32, secret: SECRET }) },
  CONNECT_EVENT_CONNECTION_CLOSED: { id: -1, ...event(362, { reason: i32 }) },
};
