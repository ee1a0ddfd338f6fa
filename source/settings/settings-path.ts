import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the settings file is: $XDG_CONFIG_HOME/virtdeck/config.yaml, else ~/.config/virtdeck/config.yaml.
 * Without HOME the home directory is that of the user database; undefined when there is none either.
 */
export function settingsPath(env: Environment, homeOfUser: () => string | undefined = userHome) {
  const base = configHome(env, homeOfUser);
  return base === undefined ? undefined : join(base, 'virtdeck', 'config.yaml');
}

function configHome(env: Environment, homeOfUser: () => string | undefined): string | undefined {
  // The XDG base directory specification: a relative path is invalid and to be ignored.
  if (env.XDG_CONFIG_HOME && isAbsolute(env.XDG_CONFIG_HOME)) return env.XDG_CONFIG_HOME;
  const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : homeOfUser();
  return home ? join(home, '.config') : undefined;
}

function userHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A user id without an entry in the user database, as in many containers.
    return undefined;
  }
}
