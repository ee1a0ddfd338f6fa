import type { Connection } from '../../../inventory/types.js';
import { suggestName, uniqueName } from '../../../settings/connection-names.js';
import { nameProblem } from '../../../settings/connection-rules.js';
import type { ConnectionSetting } from '../../../settings/settings.js';
import type { ScreenHost } from '../../services/screen-host.js';

type Place = Pick<ScreenHost, 'inventory' | 'settings'>;

/**
 * What the settings say of a connection. One that was given as a URI (-c) has a name that the host told: it
 * is found by its URI, unless that entry is another connection on the screen.
 */
export function savedConnection(
  { inventory, settings }: Place,
  connection: Connection,
): ConnectionSetting | undefined {
  const { connections: saved } = settings.current();
  const is = (entry: ConnectionSetting, { name, uri }: Connection): boolean =>
    entry.name === name && entry.uri === uri;
  const shown = inventory.store.getState().connections;
  return (
    saved.find((entry) => is(entry, connection)) ??
    saved.find((entry) => entry.uri === connection.uri && !shown.some((other) => is(entry, other)))
  );
}

/** The name to save a connection under that the settings do not have yet. */
export function nameToSave({ settings }: Pick<Place, 'settings'>, { name, uri }: Connection): string {
  const wanted = nameProblem(name) === undefined ? name : suggestName(uri);
  return uniqueName(
    wanted,
    settings.current().connections.map((entry) => entry.name),
  );
}
