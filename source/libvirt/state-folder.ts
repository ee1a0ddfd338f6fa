import { join } from 'node:path';
import { xdgFolder } from '../state/xdg-folder.js';

/**
 * Where the program keeps what must outlive it and is no setting: $XDG_STATE_HOME/virtdeck, else
 * ~/.local/state/virtdeck. Undefined where the person has no home.
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const base = xdgFolder(env, 'XDG_STATE_HOME', '.local/state');
  return base && join(base, 'virtdeck');
}
