import type { ScreenHost } from '../../services/screen-host.js';
import { AddConnectionPane } from './add-connection-pane.js';
import type { Edited } from './edited.js';

/** Opens the form of a new connection. */
export function openAddConnection(host: ScreenHost): void {
  host.panes.open(new AddConnectionPane(host));
}

/** Opens the same form over a connection that is there. */
export function openEditConnection(host: ScreenHost, edited: Edited): void {
  host.panes.open(new AddConnectionPane(host, edited));
}
