import { type End, signalCode } from './ending.js';
import type { FrameStream } from './frame-stream.js';

export interface WatchOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly output: FrameStream;
  readonly end: (end: End) => void;
}

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;

/**
 * Watches for everything besides a key that ends the program: signals, errors nobody caught, a terminal
 * that went away. Each leads to the same orderly end, in which the terminal is restored first.
 */
export function watchEnd({ stdin, output, end }: WatchOptions): () => void {
  const stops: (() => void)[] = [];
  const hungUp = (): void => {
    // The kernel tells it more than once; the next one must not end the program before it has left everything.
    process.on('SIGHUP', () => {});
    end({ code: signalCode('SIGHUP') });
  };
  for (const signal of signals) {
    const listener = signal === 'SIGHUP' ? hungUp : (): void => end({ code: signalCode(signal) });
    process.on(signal, listener);
    stops.push(() => process.off(signal, listener));
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    const listener = (error: unknown): void => end({ code: 1, error });
    process.on(event, listener);
    stops.push(() => process.off(event, listener));
  }
  // A terminal that is closed without a SIGHUP (its session leader was another) ends our input.
  stdin.on('end', hungUp);
  stdin.on('close', hungUp);
  stdin.on('error', hungUp);
  output.on('gone', hungUp);
  stops.push(() => {
    stdin.off('end', hungUp);
    stdin.off('close', hungUp);
    stdin.off('error', hungUp);
    output.off('gone', hungUp);
  });
  return () => {
    for (const stop of stops) stop();
  };
}
