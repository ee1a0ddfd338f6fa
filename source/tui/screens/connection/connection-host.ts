import type { OpenHypervisor } from '../../../inventory/host-connection.js';
import type { SettingsPort } from '../../settings-port.js';
import type { Look } from '../../theme/look.js';
import type { ActionHost } from '../domain-action.js';
import type { PaneStack } from '../pane-stack.js';

/** What the screens and actions of connections need of the program. */
export interface ConnectionHost extends ActionHost {
  readonly look: Look;
  readonly settings: SettingsPort;
  readonly panes: PaneStack;
  /** Opens a connection of its own, to test one that is about to be added. */
  readonly open: OpenHypervisor;
  /** For the place of libvirt's configuration file; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}
