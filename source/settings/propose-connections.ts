import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { nameProblem, uriProblem } from './connection-rules.js';
import type { ConnectionSetting } from './settings.js';

/** What a proposal looks at; tests bring their own. */
export interface Probe {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user id. */
  readonly euid: number;
  readonly exists: (path: string) => boolean;
  readonly hostname: string;
  /** `uri_default` of libvirt.conf. */
  readonly uriDefault: string | undefined;
}

const systemDirectory = '/var/run/libvirt';
const sockets = ['virtqemud-sock', 'libvirt-sock'];
const daemons = ['/usr/sbin', '/usr/local/sbin', '/usr/bin'].flatMap((directory) => [
  join(directory, 'virtqemud'),
  join(directory, 'libvirtd'),
]);

/** What nobody has to save: the environment says it again the next time. */
export function environmentUri(env: Probe['env']): string | undefined {
  // virsh's own variable goes before that of all of libvirt's clients.
  return env.VIRSH_DEFAULT_CONNECT_URI || env.LIBVIRT_DEFAULT_URI || undefined;
}

/**
 * What to connect to when no settings say it, for commands and screens alike: the URI of the environment; else
 * `uri_default` of libvirt.conf; else qemu:///system where its socket is, since that is where VMs mostly are; else, for
 * anybody but root, qemu:///session where a daemon for it runs or can be started. Empty where none of these is
 * there: this machine has no libvirt. Nothing is written.
 */
export function proposeConnections(probe: Partial<Probe> = {}): readonly ConnectionSetting[] {
  const {
    env = process.env,
    euid = process.geteuid?.() ?? 0,
    exists = existsSync,
    hostname: host = hostname(),
  } = probe;
  const short = host.split('.')[0] ?? '';
  const name = nameProblem(short) === undefined ? short : 'local';
  const given = environmentUri(env) ?? probe.uriDefault;
  if (given)
    return uriProblem(given) === undefined ? [{ name: 'default', uri: given, autoconnect: true }] : [];
  if (sockets.some((socket) => exists(join(systemDirectory, socket)))) {
    return [{ name, uri: 'qemu:///system', autoconnect: true }];
  }
  // Root's "session" is the system's daemon, which is not there.
  if (euid === 0) return [];
  const runtime = env.XDG_RUNTIME_DIR || env.XDG_CACHE_HOME || join(env.HOME ?? '/', '.cache');
  const session = [...sockets.map((socket) => join(runtime, 'libvirt', socket)), ...daemons];
  return session.some((path) => exists(path)) ? [{ name, uri: 'qemu:///session', autoconnect: true }] : [];
}
