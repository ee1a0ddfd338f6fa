import type { Connection } from '../../../inventory/types.js';
import { AddConnectionPane } from '../add-connection/add-connection-pane.js';
import type { ScreenHost } from '../screen-host.js';
import { autoconnect, disconnect, remove } from './connection-changes.js';
import { ConnectionPane } from './connection-pane.js';

/** What the keys of a host's row do. Each tells its outcome itself. */
export const connectionActions = { open, add, disconnect, autoconnect, remove } as const;

/** Opens the screen of a connection. */
function open(host: ScreenHost, { id }: Pick<Connection, 'id'>): void {
  host.panes.open(new ConnectionPane({ host, connectionId: id }));
}

/** Opens the form of a new connection. */
function add(host: ScreenHost): void {
  host.panes.open(new AddConnectionPane(host));
}
