import { join } from 'node:path';
import { xdgFolder } from '../state/xdg-folder.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the settings file is: $XDG_CONFIG_HOME/virtdeck/config.yaml, else ~/.config/virtdeck/config.yaml.
 * Without HOME the home directory is that of the user database; undefined when there is none either.
 */
export function settingsPath(env: Environment, homeOfUser?: () => string | undefined): string | undefined {
  const base = xdgFolder(env, 'XDG_CONFIG_HOME', '.config', homeOfUser);
  return base && join(base, 'virtdeck', 'config.yaml');
}
