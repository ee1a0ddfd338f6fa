import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * A folder of the XDG base directory specification: what its variable says, else `usual` in the home directory.
 * Without HOME that is the one of the user database; undefined where there is none either.
 */
export function xdgFolder(
  env: Readonly<Record<string, string | undefined>>,
  variable: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME',
  usual: string,
  homeOfUser: () => string | undefined = userHome,
): string | undefined {
  // The specification: a relative path is invalid and to be ignored.
  const given = env[variable];
  if (given && isAbsolute(given)) return given;
  const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : homeOfUser();
  return home ? join(home, usual) : undefined;
}

function userHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A user id without an entry in the user database, as in many containers.
    return undefined;
  }
}
