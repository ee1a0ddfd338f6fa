import type { OpenHypervisor } from '../../inventory/host-connection.js';
import type { TerminalLease } from '../terminal/terminal-lease.js';
import type { Look } from '../theme/look.js';
import type { ActionHost } from './domain-action.js';
import type { PaneStack } from './pane-stack.js';
import type { SettingsPort } from './settings-port.js';

/** What every screen is given: the program's parts that outlive it. */
export interface ScreenHost extends ActionHost {
  readonly look: Look;
  readonly settings: SettingsPort;
  readonly panes: PaneStack;
  readonly terminal: TerminalLease;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens a connection of its own, e.g. to test one that is about to be added. */
  readonly open: OpenHypervisor;
}
