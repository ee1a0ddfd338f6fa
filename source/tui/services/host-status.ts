import type { Connection } from '../../inventory/types.js';
import { duration } from '../../text/units.js';
import type { Look } from '../theme/look.js';
import type { StyleName } from '../theme/styles.js';
import { milliseconds, slowness } from './latency.js';

/** True when the newest values are older than two intervals; 0 means that none ever came. */
export function isStale(
  updatedAt: number,
  { now, interval }: { readonly now: number; readonly interval: number },
): boolean {
  return updatedAt !== 0 && now - updatedAt > 2 * interval;
}

interface HostStatus {
  /** Empty for a live connection: its values say enough. */
  readonly text: string;
  readonly style: StyleName;
  readonly busy: boolean;
}

/** "slow: 0.8 s", beside the name of a host that is; undefined where it is not. */
export function slowText({ status, metrics }: Connection): string | undefined {
  const slow = status.state !== 'connected' || metrics === undefined ? undefined : slowness(metrics);
  return slow === undefined ? undefined : `slow: ${milliseconds(slow)}`;
}

/** In words, so that it depends neither on colour nor on symbols. */
export function hostStatus(
  connection: Connection,
  stale: boolean,
  { look, now }: { readonly look: Look; readonly now: number },
): HostStatus {
  const { status } = connection;
  const dots = look.glyphs.pending;
  switch (status.state) {
    case 'connected':
      return {
        text: stale ? 'not answering (values are old)' : '',
        style: stale ? 'warning' : 'plain',
        busy: false,
      };
    case 'connecting': {
      if (status.asking) return { text: `waits for your answer${dots}`, style: 'warning', busy: false };
      const step = status.step === undefined ? '' : `  ${status.step}`;
      return { text: `connecting${dots}${step}`, style: 'accent', busy: true };
    }
    case 'reconnecting': {
      if (status.asking) return { text: `waits for your answer${dots}`, style: 'warning', busy: false };
      const wait = Math.ceil((status.retryAt - now) / 1000);
      const when = wait > 0 ? `reconnecting in ${duration(wait * 1000)}` : `reconnecting${dots}`;
      return { text: `${when}: ${status.error.message}`, style: 'warning', busy: wait <= 0 };
    }
    case 'failed':
      return { text: `failed: ${status.error.message}`, style: 'bad', busy: false };
    case 'disconnected':
      return { text: 'disconnected', style: 'faint', busy: false };
  }
}
