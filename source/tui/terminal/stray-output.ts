import { format } from 'node:util';

const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const;

/**
 * Keeps what libraries print (console calls, Node's process warnings) off the screen, where it would scroll
 * and garble the frame.
 *
 * @returns a function that ends this and returns what was printed, to be shown once the terminal is back
 */
export function holdStrayOutput(): () => string {
  const held: string[] = [];
  const hold = (...values: unknown[]): void => void held.push(`${format(...values)}\n`);
  const originals = methods.map((method) => [method, console[method]] as const);
  for (const method of methods) console[method] = hold;
  // Node writes warnings straight to the file descriptor, from a listener of its own.
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  const warned = (warning: Error): void => hold(`${warning.name}: ${warning.message}`);
  process.on('warning', warned);
  return () => {
    for (const [method, original] of originals) console[method] = original;
    process.off('warning', warned);
    for (const listener of listeners) process.on('warning', listener);
    return held.join('');
  };
}
