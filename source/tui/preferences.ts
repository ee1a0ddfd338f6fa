import type { Settings } from '../settings/settings.js';

/** What a person chooses on the Manager screen and finds again at the next start; units as in the settings. */
export type PreferenceValues = Pick<Settings, 'columns' | 'sort' | 'grouping' | 'interval'>;

/** Where choices come from and where they go. */
export interface Preferences {
  readonly initial: Partial<PreferenceValues>;
  /** Told of each choice as it is made, only what has changed. Must not throw; failures are its own to tell. */
  save(change: Partial<PreferenceValues>): void;
}

/** Without settings: the program's defaults, kept until it ends. */
export const noPreferences: Preferences = { initial: {}, save: () => {} };
