import type { ScreenHost } from '../../services/screen-host.js';
import { DomainPane } from './domain-pane.js';

/** Opens the screen of a domain. */
export function openDomain(host: ScreenHost, connectionId: string, uuid: string): void {
  host.panes.open(new DomainPane({ ...host, connectionId, uuid }));
}
