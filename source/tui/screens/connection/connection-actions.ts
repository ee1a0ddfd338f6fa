import type { Connection } from '../../../inventory/types.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { openAddConnection } from '../add-connection/open-add-connection.js';
import { autoconnect, disconnect, remove } from './connection-changes.js';
import { ConnectionPane } from './connection-pane.js';

/** What the keys of a host's row do. Each tells its outcome itself. */
export const connectionActions = { open, add: openAddConnection, disconnect, autoconnect, remove } as const;

/** Opens the screen of a connection. */
function open(host: ScreenHost, { id }: Pick<Connection, 'id'>): void {
  host.panes.open(new ConnectionPane({ host, connectionId: id }));
}
