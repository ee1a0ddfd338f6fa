import { userInfo } from 'node:os';

/** The person's own name, as on their own machines; root is not somebody to log in as. */
export function ownName(): string | undefined {
  try {
    const { username } = userInfo();
    return username !== 'root' && /^[a-z_][a-z0-9_-]{0,31}$/.test(username) ? username : undefined;
  } catch {
    // A user id without an entry in the user database.
    return undefined;
  }
}
