/** What the screens and actions of connections need of the program. */
export type { ScreenHost as ConnectionHost } from '../screen-host.js';
