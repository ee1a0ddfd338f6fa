import type { CommandIo } from './command.js';

/** As shells tell that a program has ended by SIGINT. */
export const interrupted = 130;

/**
 * Lets a second Ctrl-C end the program at once: the first one has only begun to take things back, and a host may be
 * silent for a long time. The journal has what is left then.
 *
 * @returns lets go of the signal
 */
export function endAtSecond(signal: AbortSignal, { stderr }: CommandIo): () => void {
  const end = (): void => {
    stderr.write('\nended at once; virtdeck create --cleanup takes back or finishes what is left\n');
    process.exit(interrupted);
  };
  const listen = (): void => void process.once('SIGINT', end);
  signal.addEventListener('abort', listen, { once: true });
  return () => {
    signal.removeEventListener('abort', listen);
    process.removeListener('SIGINT', end);
  };
}
