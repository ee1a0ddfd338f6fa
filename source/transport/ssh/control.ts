import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Endpoint, TransportContext } from '../endpoint.js';

/** Bytes of a unix socket's path, with room for what ssh adds to it while it is being made (".XXXXXXXXXXXXXXXX"). */
const longestPath = 107 - 17;

/** A folder of this user alone, for control sockets and questions; undefined where there is none to be had. */
export function runtimeFolder({ env, euid }: Pick<TransportContext, 'env' | 'euid'>): string | undefined {
  const folder = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'virtdeck') : `/tmp/virtdeck-${euid}`;
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const found = lstatSync(folder);
    // In /tmp somebody else may have made it.
    if (!found.isDirectory() || found.uid !== euid) return undefined;
    chmodSync(folder, 0o700);
    return folder;
  } catch {
    return undefined;
  }
}

/**
 * Where connections of one login meet: the same for all of this user's programs, another for everything in the URI
 * that makes it another login. Undefined where the path would be too long for ssh.
 */
export function controlPath(folder: string, { host, user, port, options }: Endpoint): string | undefined {
  const { keyfile, command, no_verify, known_hosts } = options;
  const login = JSON.stringify([host, user, port, keyfile, command, no_verify, known_hosts]);
  const path = join(folder, `ssh-${createHash('sha256').update(login).digest('hex').slice(0, 16)}`);
  return Buffer.byteLength(path) <= longestPath ? path : undefined;
}

/** The login to a host that is there already, of this program or of another of this user's; undefined: there is none. */
export async function sharedLogin(
  endpoint: Endpoint | undefined,
  env: TransportContext['env'],
  euid = process.geteuid?.() ?? 0,
): Promise<string | undefined> {
  if (endpoint?.transport !== 'ssh' || endpoint.host === undefined) return undefined;
  const folder = runtimeFolder({ env, euid });
  const path = folder === undefined ? undefined : controlPath(folder, endpoint);
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
