import type { Connection } from '../../../inventory/types.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { ConnectionPane } from './connection-pane.js';

/** Opens the screen of a connection. */
export function openConnection(host: ScreenHost, { id }: Pick<Connection, 'id'>): void {
  host.panes.open(new ConnectionPane({ host, connectionId: id }));
}
