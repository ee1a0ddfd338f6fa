import { join } from 'node:path';
import { readSmallText } from '../state/read-small-file.js';

/** Bytes of an auth.conf. */
const largestFile = 1024 * 1024;

export interface StoredCredentials {
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/**
 * What libvirt's auth.conf has for a service on a host: the file of $LIBVIRT_AUTH_FILE, of `authfile=` in the
 * URI, of the user, or the system's; the first that is there. Undefined where it says nothing of them.
 *
 * @param service "libvirt" for SASL, "esx"
 */
export async function storedCredentials(
  service: string,
  host: string,
  {
    env,
    file,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly file?: string | undefined },
): Promise<StoredCredentials | undefined> {
  const own = join(env.XDG_CONFIG_HOME || join(env.HOME ?? '/', '.config'), 'libvirt/auth.conf');
  const places = [env.LIBVIRT_AUTH_FILE, file, own, '/etc/libvirt/auth.conf'];
  for (const place of places) {
    if (place === undefined || place === '') continue;
    const text = await readSmallText(place, largestFile).catch(() => undefined);
    if (text !== undefined) return credentialsIn(text, service, host);
  }
  return undefined;
}

/** The credentials that an auth.conf names for a service and host, or for the service's default. */
export function credentialsIn(text: string, service: string, host: string): StoredCredentials | undefined {
  const groups = groupsOf(text);
  const auth = groups.get(`auth-${service}-${host}`) ?? groups.get(`auth-${service}-default`);
  const credentials = groups.get(`credentials-${auth?.get('credentials') ?? ''}`);
  if (credentials === undefined) return undefined;
  return {
    user: credentials.get('authname') ?? credentials.get('username'),
    password: credentials.get('password'),
  };
}

/** GLib's key files: [group], key=value, comments with #. */
function groupsOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let group = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const name = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1];
    if (name !== undefined) {
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
      continue;
    }
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) group.set(key, value);
  }
  return groups;
}
