import type { ConnectionSetting } from '../../../settings/settings.js';

/** The connection that a form changes, in place of adding one. */
export interface Edited {
  /** Of the connection on the screen. */
  readonly id: string;
  /** What the settings have of it, or would have. */
  readonly entry: ConnectionSetting;
  /** It is in the settings; else it is put there. */
  readonly isSaved: boolean;
}
