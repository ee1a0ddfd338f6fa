import { RateMeter, type TransferPace, type TransferProgress } from '../../libvirt/transfer.js';
import { jsonText } from '../../text/json.js';
import { literal, type SafeText, safe } from '../../text/safe.js';
import { bytes } from '../../text/size.js';
import { duration, rate } from '../../text/units.js';
import type { SubcommandContext } from '../subcommands.js';

/** Often enough to see that it goes on, in milliseconds. */
const tellEvery = 500;

/** Says how far a transfer is, and at the end what came of it. */
export interface TransferReport {
  readonly progress: TransferProgress;
  /** Clears what was told so far; to be called before anything else is written. */
  end(): void;
  /** @param text for people; `facts` for --json */
  done(text: SafeText, facts: Readonly<Record<string, unknown>>): void;
}

/** With --json lines on standard output; else one line on a terminal's standard error, written over. */
export function transferReport({ io, flags }: SubcommandContext): TransferReport {
  const line = (value: unknown): void => void io.stdout.write(literal`${jsonText(value)}\n`);
  if (flags.json) {
    return {
      progress: seldom(({ bytes: at, total, rate: pace, eta, checking }) =>
        line({
          event: 'progress',
          bytes: at,
          total,
          rate: rounded(pace),
          eta: rounded(eta),
          ...(checking && { checking }),
        }),
      ),
      end: () => {},
      done: (_, facts) => line({ event: 'done', ...facts }),
    };
  }
  const seen = io.stderr.isTTY === true;
  return {
    progress: seen ? seldom((pace) => io.stderr.write(literal`\r\u001B[K${paceText(pace)}`)) : () => {},
    end: () => void (seen && io.stderr.write(literal`\r\u001B[K`)),
    done: (text) => void io.stdout.write(literal`${text}\n`),
  };
}

/** A meter that tells now and then. */
export function seldom(tell: (pace: TransferPace) => void): TransferProgress {
  let told = Number.NEGATIVE_INFINITY;
  let was = false;
  const meter = new RateMeter();
  return (at, total, checking) => {
    const now = performance.now();
    const pace = meter.at(now, at, total, checking);
    if (now - told < tellEvery && pace.checking === was) return;
    told = now;
    was = pace.checking;
    tell(pace);
  };
}

const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));

/** "12 MiB of 40 MiB, 30 %, 5.2 MB/s, 6s left", "read back: …": as everywhere in the program. */
export function paceText({ bytes: at, total, rate: pace, eta, checking }: TransferPace): SafeText {
  const parts: string[] = [total === undefined ? bytes(at) : `${bytes(at)} of ${bytes(total)}`];
  if (total !== undefined && total > 0) parts.push(`${Math.floor((at / total) * 100)} %`);
  if (pace !== undefined) parts.push(rate(pace));
  if (eta !== undefined) parts.push(`${duration(eta)} left`);
  return safe(`${checking ? 'read back: ' : ''}${parts.join(', ')}`);
}
