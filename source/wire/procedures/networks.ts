import { NET } from '../objects.js';
import { proc } from '../procedure.js';
import { NetworkDhcpLease } from '../structs.js';
import { i32, list, maybe, str, u32, uuid } from '../xdr.js';

/** Virtual networks. */
export const networks = {
  NETWORK_LOOKUP_BY_NAME: proc(46, { name: str }, { net: NET }),
  NETWORK_LOOKUP_BY_UUID: proc(47, { uuid: uuid }, { net: NET }),
  NETWORK_GET_XML_DESC: proc(43, { net: NET, flags: u32 }, { xml: str }),
  NETWORK_DEFINE_XML: proc(41, { xml: str }, { net: NET }),
  NETWORK_DEFINE_XML_FLAGS: proc(432, { xml: str, flags: u32 }, { net: NET }),
  NETWORK_CREATE_XML: proc(40, { xml: str }, { net: NET }),
  NETWORK_CREATE_XML_FLAGS: proc(437, { xml: str, flags: u32 }, { net: NET }),
  NETWORK_CREATE: proc(39, { net: NET }, {}),
  NETWORK_DESTROY: proc(42, { net: NET }, {}),
  NETWORK_UNDEFINE: proc(49, { net: NET }, {}),
  NETWORK_GET_AUTOSTART: proc(44, { net: NET }, { autostart: i32 }),
  NETWORK_SET_AUTOSTART: proc(48, { net: NET, autostart: i32 }, {}),
  NETWORK_GET_BRIDGE_NAME: proc(45, { net: NET }, { name: str }),
  NETWORK_GET_DHCP_LEASES: proc(
    341,
    { net: NET, mac: maybe(str), need_results: i32, flags: u32 },
    { leases: list(NetworkDhcpLease, 65_536), ret: u32 },
  ),
  NETWORK_IS_ACTIVE: proc(152, { net: NET }, { active: i32 }),
  NETWORK_IS_PERSISTENT: proc(153, { net: NET }, { persistent: i32 }),
  NETWORK_UPDATE: proc(
    291,
    { net: NET, command: u32, section: u32, parentIndex: i32, xml: str, flags: u32 },
    {},
  ), // see the argument order note
};
