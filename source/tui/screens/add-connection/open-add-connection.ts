import type { ScreenHost } from '../../services/screen-host.js';
import { AddConnectionPane } from './add-connection-pane.js';

/** Opens the form of a new connection. */
export function openAddConnection(host: ScreenHost): void {
  host.panes.open(new AddConnectionPane(host));
}
