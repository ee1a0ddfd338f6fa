import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint, TransportContext } from './endpoint.js';

const systemDirectory = '/var/run/libvirt';

/** Where modular daemons are looked for when the URI names no driver, in libvirt's own order. */
const probeOrder = {
  system: ['xen', 'qemu', 'lxc', 'vbox', 'bhyve', 'vz'],
  session: ['qemu', 'vbox'],
} as const;

export interface SocketChoice {
  readonly path: string;
  /** The daemon that serves it, e.g. "libvirtd" or "virtqemud". */
  readonly daemon: string;
  /** False when neither socket was there and this one is only the best guess. */
  readonly present: boolean;
}

/** Root has no session daemon: with /session it uses the system sockets. */
export function isSession(endpoint: Endpoint, context: TransportContext): boolean {
  return endpoint.scope === 'session' && context.euid !== 0;
}

/**
 * The socket that libvirt's own client would use: the one the URI names; else the driver's own daemon if its
 * socket is there; else libvirtd's (or virtproxyd's in its place). With no socket at all, the one of the
 * daemon that is installed.
 */
export function chooseSocket(
  endpoint: Endpoint,
  context: TransportContext,
  exists: (path: string) => boolean = existsSync,
): SocketChoice {
  if (endpoint.socket !== undefined) {
    return { path: endpoint.socket, daemon: 'libvirtd', present: exists(endpoint.socket) };
  }
  const session = isSession(endpoint, context);
  const directory = session ? sessionDirectory(context) : systemDirectory;
  // There is no read-only socket in a session.
  const suffix = endpoint.readOnly && !session ? '-ro' : '';
  const legacy = { path: join(directory, `libvirt-sock${suffix}`), daemon: 'libvirtd' };
  const direct = drivers(endpoint, session).map((driver) => ({
    path: join(directory, `virt${driver}d-sock${suffix}`),
    daemon: `virt${driver}d`,
  }));
  const candidates =
    endpoint.mode === 'legacy' ? [legacy] : endpoint.mode === 'direct' ? direct : [...direct, legacy];
  const present = candidates.find((candidate) => exists(candidate.path));
  if (present) return { ...present, present: true };
  const installed = [legacy, ...direct].find(
    (candidate) =>
      candidates.includes(candidate) && findDaemon(candidate.daemon, context, exists) !== undefined,
  );
  return { ...(installed ?? candidates.at(-1) ?? legacy), present: false };
}

/** The program of a daemon, or undefined when it is not installed. */
export function findDaemon(
  daemon: string,
  context: TransportContext,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const override = context.env[daemon === 'libvirtd' ? 'LIBVIRTD_PATH' : 'VIRTD_PATH'];
  if (override) return override;
  // Users' PATHs often lack the sbin directories where the daemons are.
  const directories = [...(context.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return directories
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => join(directory, daemon))
    .find((path) => exists(path));
}

function drivers(endpoint: Endpoint, session: boolean): readonly string[] {
  if (endpoint.driver === '') return session ? probeOrder.session : probeOrder.system;
  // The test driver has no daemon of its own.
  return endpoint.driver === 'test' ? [] : [endpoint.driver];
}

function sessionDirectory({ env }: TransportContext): string {
  // GLib's g_get_user_runtime_dir falls back to the cache directory.
  const base = env.XDG_RUNTIME_DIR || env.XDG_CACHE_HOME || join(env.HOME ?? '/', '.cache');
  return join(base, 'libvirt');
}
