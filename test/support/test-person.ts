import { runProcess } from './run-process.js';

/** Who a private daemon runs as. `switchUser` is false when the tests themselves are this person. */
export type Person = { readonly uid: number; readonly gid: number; readonly switchUser: boolean };

const userName = 'virtdeck-test';

/**
 * The unprivileged user for session daemons. As root there is no session daemon in libvirt, so root uses
 * (and makes, once per machine) the system user `virtdeck-test`; anybody else is themselves.
 */
export async function testPerson(): Promise<Person> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, switchUser: false };
  const found = await lookUp();
  if (found) return found;
  const added = await runProcess('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    userName,
  ]);
  // Two test files may get here at once: the second one's useradd fails, and the user is there.
  const made = await lookUp();
  if (made) return made;
  throw new Error(`cannot make the user ${userName}: ${added.stderr.trim()}`);
}

async function lookUp(): Promise<Person | undefined> {
  const { stdout, exitCode } = await runProcess('getent', ['passwd', userName]);
  if (exitCode !== 0) return undefined;
  const [, , uid, gid] = stdout.split(':');
  return { uid: Number(uid), gid: Number(gid), switchUser: true };
}
