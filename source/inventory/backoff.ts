import type { LibvirtError } from '../libvirt/errors.js';
import { TransportError, type TransportFailure } from '../transport/endpoint.js';

const first = 1000;
const longest = 30_000;

/** Failures of a transport that can end without anybody touching this program's settings. */
const passing: readonly TransportFailure[] = ['socket-missing', 'refused', 'daemon-failed', 'failed'];

/**
 * Milliseconds before attempt number `attempt` (from 1): doubling up to 30 s, less up to a quarter so that
 * many clients of one host do not all come back at once.
 */
export function backoff(attempt: number, random: () => number): number {
  const wait = Math.min(longest, first * 2 ** (attempt - 1));
  return Math.round(wait * (1 - random() / 4));
}

/** Whether trying again can help: a daemon may come back, a permission does not come by itself. */
export function mayHeal(error: LibvirtError): boolean {
  if (error.kind === 'closed' || error.kind === 'timeout') return true;
  return (
    error.kind === 'connect' && error.cause instanceof TransportError && passing.includes(error.cause.kind)
  );
}
