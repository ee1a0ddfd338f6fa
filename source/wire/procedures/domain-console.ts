import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { i64, list, maybe, str, u32 } from '../xdr.js';

/** Domains: console, graphics, input. */
export const domainConsole = {
  DOMAIN_OPEN_CONSOLE: proc(201, { dom: DOM, dev_name: maybe(str), flags: u32 }, {}), // stream, both directions
  DOMAIN_OPEN_CHANNEL: proc(296, { dom: DOM, name: maybe(str), flags: u32 }, {}), // stream, both directions
  DOMAIN_SCREENSHOT: proc(211, { dom: DOM, screen: u32, flags: u32 }, { mime: maybe(str) }), // stream, server to client
  DOMAIN_SEND_KEY: proc(
    226,
    { dom: DOM, codeset: u32, holdtime: u32, keycodes: list(u32, 16), flags: u32 },
    {},
  ),
  DOMAIN_SEND_PROCESS_SIGNAL: proc(295, { dom: DOM, pid_value: i64, signum: u32, flags: u32 }, {}),
};
