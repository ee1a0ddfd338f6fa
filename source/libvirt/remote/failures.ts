import { existsSync } from 'node:fs';
import { TransportError } from '../../transport/endpoint.js';
import { findDaemon } from '../../transport/sockets.js';
import { RemoteError, WireError } from '../../wire/errors.js';
import { ErrorCode, LibvirtError } from '../errors.js';
import { type During, joinGroupHint } from '../hints.js';

/** Characters of a daemon's message. */
const longestMessage = 4096;

const kindOfWire = {
  decode: 'protocol',
  encode: 'protocol',
  protocol: 'protocol',
  closed: 'closed',
  timeout: 'timeout',
  aborted: 'aborted',
} as const;

/** The one form in which failures leave this room. */
export function toLibvirtError(error: unknown, during?: During): LibvirtError {
  if (error instanceof LibvirtError) return error;
  if (error instanceof RemoteError) return fromDaemon(error, during);
  if (error instanceof WireError) {
    return new LibvirtError({ kind: kindOfWire[error.kind], message: error.message, cause: error });
  }
  if (error instanceof TransportError) return fromTransport(error);
  return new LibvirtError({ kind: 'protocol', message: String(error), cause: error });
}

/**
 * A procedure that the daemon does not know is answered with an RPC error whose text says so; the C client
 * turns that into "no support" as well (virNetClientProgramDispatchError).
 */
function fromDaemon(error: RemoteError, during: During | undefined): LibvirtError {
  const unknown =
    error.code === ErrorCode.rpc && /^(unknown procedure|Cannot find program)/.test(error.message);
  const code = unknown ? ErrorCode.noSupport : error.code;
  return new LibvirtError({
    kind: code === ErrorCode.noSupport ? 'unsupported' : 'libvirt',
    code,
    domain: error.domain,
    message: shortened(error.message),
    during,
    cause: error,
  });
}

/** A person reads it, and a host may send megabytes. */
function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message;
}

function fromTransport(error: TransportError): LibvirtError {
  return new LibvirtError({
    kind: error.kind === 'aborted' ? 'aborted' : 'connect',
    message: error.message,
    hint: error.hint ?? transportHint(error),
    cause: error,
  });
}

function transportHint(error: TransportError): string | undefined {
  const session = error.scope === 'session';
  switch (error.kind) {
    case 'permission':
      return session ? 'The socket belongs to another user.' : joinGroupHint;
    case 'socket-missing':
    case 'refused':
      return session
        ? 'Start your session daemon with `libvirtd -d` (or `virtqemud -d`), or use qemu:///system.'
        : systemDaemonHint(error.driver);
    case 'daemon-missing':
      return 'Install libvirt (on Debian and Ubuntu: sudo apt install libvirt-daemon), or use qemu:///system.';
    case 'daemon-failed':
      return 'Run it by hand to see why: `libvirtd --verbose`.';
    default:
      return undefined;
  }
}

/** How the system's daemon is started here: modular or not, with systemd or without, or not installed. */
export function systemDaemonHint(
  driver: string,
  exists: (path: string) => boolean = existsSync,
  context = { env: process.env, euid: 0 },
): string {
  const modular = `virt${driver === '' ? 'qemu' : driver}d`;
  const daemon = [modular, 'libvirtd'].find((name) => findDaemon(name, context, exists) !== undefined);
  if (daemon === undefined) {
    return 'libvirt is not installed here (on Debian and Ubuntu: sudo apt install libvirt-daemon-system).';
  }
  if (!exists('/run/systemd/system')) return `Start the daemon: sudo ${daemon} -d`;
  return `Start the daemon: sudo systemctl enable --now ${daemon}.socket`;
}
