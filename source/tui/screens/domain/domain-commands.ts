import type { KeyEvent } from '../../input/events.js';
import type { DomainSelection } from '../../kit/keymap.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { openSerialConsole } from '../../services/serial-console.js';
import { openDelete } from '../delete-domain/open-delete.js';

/** @param domains at least one: the selected one, or all that are marked */
export type DomainCommand = (
  host: ScreenHost,
  domains: readonly [DomainSelection, ...DomainSelection[]],
  event: KeyEvent,
) => void;

/** Keys on domains that are more than one action of the inventory; by the bindings' ids. */
export const domainCommands: Readonly<Record<string, DomainCommand>> = {
  'domain.D': (host, domains) => void openDelete(host, domains),
  'domain.t': (host, [{ connection, domain }]) => void openSerialConsole(host, connection.id, domain),
};
