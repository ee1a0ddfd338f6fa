import type { Connection } from '../../inventory/types.js';
import type { TuiInventory } from './inventory-port.js';

/** Where a screen finds its connection. */
export interface ConnectionPlace {
  readonly host: { readonly inventory: TuiInventory };
  readonly connectionId: string;
}

/** The connection as it is now; undefined once it is removed. */
export function connectionOf({ host, connectionId }: ConnectionPlace): Connection | undefined {
  return host.inventory.store.getState().connections.find(({ id }) => id === connectionId);
}

/** Why nothing can be done on the host now. */
export function offline(place: Parameters<typeof connectionOf>[0]): string | undefined {
  const connection = connectionOf(place);
  if (connection?.status.state === 'connected') return undefined;
  return `${connection?.name ?? 'The host'} is not connected.`;
}
