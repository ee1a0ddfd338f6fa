import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Endpoint, TransportContext } from '../endpoint.js';

/** Bytes of a unix socket's path, with room for what ssh adds to it while it is being made (".XXXXXXXXXXXXXXXX"). */
const longestPath = 107 - 17;

/**
 * A folder of this user alone, for control sockets and questions: in the session's own, else in /tmp. Undefined where
 * there is none to be had.
 */
export function runtimeFolder({ env, euid }: Pick<TransportContext, 'env' | 'euid'>): string | undefined {
  const session = env.XDG_RUNTIME_DIR;
  // One that belongs to somebody else came along with `su` or `sudo -E`.
  const own = session && ownerOf(session) === euid ? [join(session, 'virtdeck')] : [];
  return [...own, `/tmp/virtdeck-${euid}`].find((folder) => isUsable(folder, euid));
}

function isUsable(folder: string, euid: number): boolean {
  if (Buffer.byteLength(socketIn(folder, '')) > longestPath) return false;
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const found = lstatSync(folder);
    // In /tmp somebody else may have made it.
    if (!found.isDirectory() || found.uid !== euid) return false;
    chmodSync(folder, 0o700);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/**
 * Where connections of one login meet: the same for all of this user's programs, another for everything in the URI
 * that makes it another login.
 */
export function controlPath(folder: string, { host, user, port, options }: Endpoint): string {
  const { keyfile, command, no_verify, known_hosts } = options;
  const login = JSON.stringify([host, user, port, keyfile, command, no_verify, known_hosts]);
  return socketIn(folder, login);
}

function socketIn(folder: string, login: string): string {
  return join(folder, `ssh-${createHash('sha256').update(login).digest('hex').slice(0, 16)}`);
}

/** The login to a host that is there already, of this program or of another of this user's; undefined: there is none. */
export async function sharedLogin(
  endpoint: Endpoint | undefined,
  env: TransportContext['env'],
  euid = process.geteuid?.() ?? 0,
): Promise<string | undefined> {
  if (endpoint?.transport !== 'ssh' || endpoint.host === undefined) return undefined;
  const folder = runtimeFolder({ env, euid });
  const path = folder && controlPath(folder, endpoint);
  return path !== undefined && (await listens(path)) ? path : undefined;
}

/** True where somebody listens on a unix socket. */
export function listens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const told = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => told(true));
    socket.once('error', () => told(false));
  });
}
