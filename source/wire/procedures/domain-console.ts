import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { maybe, str, u32 } from '../xdr.js';

/** Domains: console, graphics, input. */
export const domainConsole = {
  DOMAIN_OPEN_CONSOLE: proc(201, { dom: DOM, dev_name: maybe(str), flags: u32 }, {}), // stream, both directions
  DOMAIN_SCREENSHOT: proc(211, { dom: DOM, screen: u32, flags: u32 }, { mime: maybe(str) }), // stream, server to client
};
