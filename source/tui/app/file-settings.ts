import type { LoadedSettings } from '../../settings/load-settings.js';
import type { ConnectionSetting, Settings } from '../../settings/settings.js';
import { type Edit, updateSettings } from '../../settings/update-settings.js';
import type { SettingsPort } from '../services/settings-port.js';

export interface FileSettings extends SettingsPort {
  /** Resolves when nothing waits to be written; with why the last of what waited could not be. */
  written(): Promise<Error | undefined>;
}

/**
 * The settings of a file. Changes are written one after the other, in the order in which they were made.
 *
 * @param proposed connections that were found where the file has none: they count as the settings' own, and
 * are written with the first change of connections, so that adding another does not lose them
 */
export function fileSettings(
  { settings, path }: LoadedSettings,
  proposed: readonly ConnectionSetting[] = [],
): FileSettings {
  let current = withProposed(settings, proposed);
  let last: Promise<Error | undefined> = Promise.resolve(undefined);
  let waiting = 0;
  let unwritten = settings.connections.length === 0 ? proposed : [];
  return {
    current: () => current,
    update: async (edit) => {
      // What is refused for its own sake, such as a name that is taken, is refused before anything is written.
      const before = current.connections;
      current = edit(current);
      if (current.connections !== before) unwritten = [];
      const written = last.then(() => updateSettings(path, onProposed(edit, proposed)));
      waiting += 1;
      last = written
        .then(
          () => undefined,
          (error: Error) => error,
        )
        .finally(() => {
          waiting -= 1;
        });
      await written;
    },
    proposed: () => unwritten,
    // What was written (or not) long ago has been told by whoever wanted it.
    written: async () => (waiting === 0 ? undefined : last),
  };
}

function withProposed(settings: Settings, proposed: readonly ConnectionSetting[]): Settings {
  return settings.connections.length === 0 ? { ...settings, connections: proposed } : settings;
}

/** The edit as of settings with the proposed connections; these are kept only where it is about connections. */
function onProposed(edit: Edit, proposed: readonly ConnectionSetting[]): Edit {
  return (settings) => {
    const base = withProposed(settings, proposed);
    const edited = edit(base);
    return edited.connections === base.connections
      ? { ...edited, connections: settings.connections }
      : edited;
  };
}
