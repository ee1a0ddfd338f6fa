import type { Connection } from '../../../inventory/types.js';
import { AddConnectionPane } from '../add-connection/add-connection-pane.js';
import { autoconnect, disconnect, remove } from './connection-changes.js';
import type { ConnectionHost } from './connection-host.js';
import { ConnectionPane } from './connection-pane.js';

/** What the keys of a host's row do. Each tells its outcome itself. */
export const connectionActions = { open, add, disconnect, autoconnect, remove } as const;

/** Opens the screen of a connection. */
function open(host: ConnectionHost, { id }: Pick<Connection, 'id'>): void {
  host.panes.open(new ConnectionPane({ host, connectionId: id }));
}

/** Opens the form of a new connection. */
function add(host: ConnectionHost): void {
  host.panes.open(new AddConnectionPane(host));
}
