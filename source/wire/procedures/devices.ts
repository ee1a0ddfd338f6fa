import { IFACE, NODEDEV, NWF, SECRET } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, list, maybe, opaque, str, u32, uuid } from '../xdr.js';

/** Host interfaces, node devices, secrets, network filters. */
export const devices = {
  INTERFACE_GET_XML_DESC: proc(130, { iface: IFACE, flags: u32 }, { xml: str }),
  INTERFACE_CREATE: proc(133, { iface: IFACE, flags: u32 }, {}),
  INTERFACE_DESTROY: proc(134, { iface: IFACE, flags: u32 }, {}),
  INTERFACE_IS_ACTIVE: proc(156, { iface: IFACE }, { active: i32 }),
  NODE_DEVICE_LOOKUP_BY_NAME: proc(113, { name: str }, { dev: NODEDEV }),
  NODE_DEVICE_GET_XML_DESC: proc(114, { name: str, flags: u32 }, { xml: str }),
  NODE_DEVICE_GET_PARENT: proc(115, { name: str }, { parentName: maybe(str) }),
  NODE_DEVICE_LIST_CAPS: proc(117, { name: str, maxnames: i32 }, { names: list(str, 65_536) }),
  NODE_DEVICE_DETACH_FLAGS: proc(301, { name: str, driverName: maybe(str), flags: u32 }, {}),
  NODE_DEVICE_RE_ATTACH: proc(119, { name: str }, {}),
  NODE_DEVICE_RESET: proc(120, { name: str }, {}),
  SECRET_LOOKUP_BY_UUID: proc(141, { uuid: uuid }, { secret: SECRET }),
  SECRET_GET_XML_DESC: proc(143, { secret: SECRET, flags: u32 }, { xml: str }),
  SECRET_DEFINE_XML: proc(142, { xml: str, flags: u32 }, { secret: SECRET }),
  SECRET_SET_VALUE: proc(144, { secret: SECRET, value: opaque(65_536), flags: u32 }, {}),
  SECRET_GET_VALUE: proc(145, { secret: SECRET, flags: u32 }, { value: opaque(65_536) }),
  SECRET_UNDEFINE: proc(146, { secret: SECRET }, {}),
  NWFILTER_LOOKUP_BY_NAME: proc(175, { name: str }, { nwfilter: NWF }),
  NWFILTER_GET_XML_DESC: proc(177, { nwfilter: NWF, flags: u32 }, { xml: str }),
  NWFILTER_DEFINE_XML: proc(180, { xml: str }, { nwfilter: NWF }),
  NWFILTER_UNDEFINE: proc(181, { nwfilter: NWF }, {}),
};
