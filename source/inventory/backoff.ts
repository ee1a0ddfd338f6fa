import { ErrorCode, type LibvirtError } from '../libvirt/errors.js';
import { TransportError, type TransportFailure } from '../transport/endpoint.js';

const first = 1000;
const longest = 30_000;

/** Failures of a transport that can end without anybody touching this program's settings. */
const passing: readonly TransportFailure[] = [
  'socket-missing',
  'refused',
  'daemon-failed',
  'unreachable',
  'silent',
  'failed',
];

/** What a person must mend or answer first, also on the way back. */
const personal: readonly TransportFailure[] = ['login', 'host-key', 'certificate'];

/** Answers of a daemon that will be the same the next time: the person must do something first. */
const refusals: readonly number[] = [
  ErrorCode.authFailed,
  ErrorCode.authCancelled,
  ErrorCode.authUnavailable,
  ErrorCode.accessDenied,
  ErrorCode.operationDenied,
];

/** What a proxy daemon says while the daemon behind it is not there: no connection, socket errors. */
const outages: readonly number[] = [ErrorCode.noConnect, ErrorCode.systemError];

/**
 * Milliseconds before attempt number `attempt` (from 1): doubling up to 30 s, less up to a quarter so that
 * many clients of one host do not all come back at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const wait = Math.min(longest, first * 2 ** Math.min(attempt - 1, 16));
  return Math.round(wait * (1 - random() / 4));
}

/**
 * Whether trying again can help: a daemon may come back, a permission does not come by itself.
 *
 * @param lost the connection has been there: a daemon on its way up refuses in more ways (a socket that
 *   has its permissions a moment later, a half-open greeting), so all but a clear refusal is worth another try
 */
export function mayHeal(error: LibvirtError, lost: boolean): boolean {
  if (refusals.includes(error.code) || error.kind === 'aborted') return false;
  if (error.cause instanceof TransportError && personal.includes(error.cause.kind)) return false;
  if (lost || error.kind === 'closed' || error.kind === 'timeout') return true;
  if (error.kind === 'libvirt') return outages.includes(error.code);
  return (
    error.kind === 'connect' && error.cause instanceof TransportError && passing.includes(error.cause.kind)
  );
}
