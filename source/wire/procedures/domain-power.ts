import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, maybe, str, u32, u64, uuid } from '../xdr.js';

/** Domains: lookup, definition, power. */
export const domainPower = {
  DOMAIN_LOOKUP_BY_UUID: proc(24, { uuid: uuid }, { dom: DOM }),
  DOMAIN_LOOKUP_BY_NAME: proc(23, { name: str }, { dom: DOM }),
  DOMAIN_LOOKUP_BY_ID: proc(22, { id: i32 }, { dom: DOM }),
  DOMAIN_GET_XML_DESC: proc(14, { dom: DOM, flags: u32 }, { xml: str }),
  DOMAIN_DEFINE_XML_FLAGS: proc(350, { xml: str, flags: u32 }, { dom: DOM }),
  DOMAIN_DEFINE_XML: proc(11, { xml: str }, { dom: DOM }), // old form
  DOMAIN_CREATE_XML: proc(10, { xml_desc: str, flags: u32 }, { dom: DOM }),
  DOMAIN_CREATE_WITH_FLAGS: proc(196, { dom: DOM, flags: u32 }, { dom: DOM }),
  DOMAIN_CREATE: proc(9, { dom: DOM }, {}), // old form, no flags
  DOMAIN_SHUTDOWN_FLAGS: proc(258, { dom: DOM, flags: u32 }, {}),
  DOMAIN_SHUTDOWN: proc(33, { dom: DOM }, {}),
  DOMAIN_REBOOT: proc(27, { dom: DOM, flags: u32 }, {}),
  DOMAIN_RESET: proc(245, { dom: DOM, flags: u32 }, {}),
  DOMAIN_DESTROY_FLAGS: proc(234, { dom: DOM, flags: u32 }, {}),
  DOMAIN_DESTROY: proc(12, { dom: DOM }, {}),
  DOMAIN_UNDEFINE_FLAGS: proc(231, { dom: DOM, flags: u32 }, {}),
  DOMAIN_UNDEFINE: proc(35, { dom: DOM }, {}),
  DOMAIN_SUSPEND: proc(34, { dom: DOM }, {}),
  DOMAIN_RESUME: proc(28, { dom: DOM }, {}),
  DOMAIN_PM_SUSPEND_FOR_DURATION: proc(261, { dom: DOM, target: u32, duration: u64, flags: u32 }, {}),
  DOMAIN_PM_WAKEUP: proc(267, { dom: DOM, flags: u32 }, {}),
  DOMAIN_MANAGED_SAVE: proc(182, { dom: DOM, flags: u32 }, {}),
  DOMAIN_HAS_MANAGED_SAVE_IMAGE: proc(183, { dom: DOM, flags: u32 }, { result: i32 }),
  DOMAIN_MANAGED_SAVE_GET_XML_DESC: proc(388, { dom: DOM, flags: u32 }, { xml: str }),
  DOMAIN_MANAGED_SAVE_REMOVE: proc(184, { dom: DOM, flags: u32 }, {}),
  DOMAIN_RENAME: proc(358, { dom: DOM, new_name: maybe(str), flags: u32 }, { retcode: i32 }),
  DOMAIN_GET_AUTOSTART: proc(15, { dom: DOM }, { autostart: i32 }),
  DOMAIN_SET_AUTOSTART: proc(29, { dom: DOM, autostart: i32 }, {}),
  DOMAIN_GET_INFO: proc(
    16,
    { dom: DOM },
    { state: u32, maxMem: u64, memory: u64, nrVirtCpu: u32, cpuTime: u64 },
  ),
  DOMAIN_GET_STATE: proc(212, { dom: DOM, flags: u32 }, { state: i32, reason: i32 }),
  DOMAIN_IS_ACTIVE: proc(150, { dom: DOM }, { active: i32 }),
  DOMAIN_IS_PERSISTENT: proc(151, { dom: DOM }, { persistent: i32 }),
  DOMAIN_IS_UPDATED: proc(202, { dom: DOM }, { updated: i32 }),
};
