import type { LoadedSettings } from '../settings/load-settings.js';
import { updateSettings } from '../settings/update-settings.js';
import type { SettingsPort } from './settings-port.js';

export interface FileSettings extends SettingsPort {
  /** Resolves when nothing waits to be written. */
  written(): Promise<void>;
}

/** The settings of a file. Changes are written one after the other, in the order in which they were made. */
export function fileSettings({ settings, path }: LoadedSettings): FileSettings {
  let current = settings;
  let last: Promise<unknown> = Promise.resolve();
  return {
    current: () => current,
    update: async (edit) => {
      // What is refused for its own sake, such as a name that is taken, is refused before anything is written.
      current = edit(current);
      const written = last.then(() => updateSettings(path, edit));
      last = written.catch(() => {});
      await written;
    },
    written: async () => {
      await last;
    },
  };
}
