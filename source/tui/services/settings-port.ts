import { type ConnectionSetting, defaultSettings, type Settings } from '../../settings/settings.js';
import type { Edit } from '../../settings/update-settings.js';

/** Where a person's choices come from and are kept: the settings file, as the screens see it. */
export interface SettingsPort {
  /** As read at the start, with every change made since; one that could not be written counts until the end. */
  current(): Settings;
  /**
   * Changes the settings, and the file where there is one.
   *
   * @throws SettingsError when the file cannot be written or the change is refused (a name that is taken)
   */
  update(edit: Edit): Promise<void>;
  /** Connections of `current` that were found here, and are written with the first change of connections. */
  proposed(): readonly ConnectionSetting[];
}

/** Settings that last as long as the program. */
export function memorySettings(initial: Partial<Settings> = {}): SettingsPort {
  let settings: Settings = { ...defaultSettings, ...initial };
  return {
    current: () => settings,
    update: async (edit) => {
      settings = edit(settings);
    },
    proposed: () => [],
  };
}
