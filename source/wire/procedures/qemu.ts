import { DOM } from '../objects.js';
import { qemuProc } from '../procedure.js';
import { i32, maybe, str, u32 } from '../xdr.js';

/** The qemu program: what only QEMU has. */
export const qemu = {
  DOMAIN_MONITOR_COMMAND: qemuProc(1, { dom: DOM, cmd: str, flags: u32 }, { result: str }),
  DOMAIN_ATTACH: qemuProc(2, { pid_value: u32, flags: u32 }, { dom: DOM }),
  DOMAIN_AGENT_COMMAND: qemuProc(3, { dom: DOM, cmd: str, timeout: i32, flags: u32 }, { result: maybe(str) }),
  CONNECT_DOMAIN_MONITOR_EVENT_REGISTER: qemuProc(
    4,
    { dom: maybe(DOM), event: maybe(str), flags: u32 },
    { callbackID: i32 },
  ),
  CONNECT_DOMAIN_MONITOR_EVENT_DEREGISTER: qemuProc(5, { callbackID: i32 }, {}),
  DOMAIN_MONITOR_COMMAND_WITH_FILES: qemuProc(7, { dom: DOM, cmd: str, flags: u32 }, { result: str }),
};
