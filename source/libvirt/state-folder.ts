import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Where the program keeps what must outlive it and is no setting: $XDG_STATE_HOME/virtdeck, else
 * ~/.local/state/virtdeck. Undefined where the person has no home.
 */
export function stateFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  // The XDG base directory specification: a relative path is invalid and to be ignored.
  const given = env.XDG_STATE_HOME;
  if (given && isAbsolute(given)) return join(given, 'virtdeck');
  const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : userHome();
  return home ? join(home, '.local', 'state', 'virtdeck') : undefined;
}

function userHome(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    // A user id without an entry in the user database, as in many containers.
    return undefined;
  }
}
