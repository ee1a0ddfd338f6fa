import { i32, internedStr, internedUuid, maybe, str, struct } from './xdr.js';

/** libvirt's handles: sent in full with every call, the daemon keeps none. */

const name = internedStr();
const uuid = internedUuid();

export const DOM = struct({ name, uuid, id: i32 });
export const NET = struct({ name, uuid });
export const POOL = struct({ name, uuid });
export const VOL = struct({ pool: name, name: str, key: str });
export const NODEDEV = struct({ name: str });
export const SECRET = struct({ uuid, usageType: i32, usageID: str });
export const SNAP = struct({ name: str, dom: DOM });

/** remote_error: the payload of every reply or stream packet with status "error". */
export const ERROR = struct({
  code: i32,
  domain: i32,
  message: maybe(str),
  level: i32,
  dom: maybe(DOM),
  str1: maybe(str),
  str2: maybe(str),
  str3: maybe(str),
  int1: i32,
  int2: i32,
  net: maybe(NET),
});
