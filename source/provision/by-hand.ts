import { shellWord } from '../text/shell-word.js';

/**
 * A command of virsh that a person can copy into a shell.
 *
 * @param connection what opens the host; undefined: what libvirt would choose
 */
export function virshLine(connection: string | undefined, ...words: readonly string[]): string {
  return lineOf('virsh', connection, words);
}

/** A command of virtdeck that a person can copy into a shell. */
export function virtdeckLine(connection: string | undefined, ...words: readonly string[]): string {
  return lineOf('virtdeck', connection, words);
}

function lineOf(
  program: 'virsh' | 'virtdeck',
  connection: string | undefined,
  words: readonly string[],
): string {
  const host = connection === undefined ? [] : ['-c', connection];
  // virsh takes its connection before the command only; behind it is where virtdeck shows it.
  const all = program === 'virsh' ? [program, ...host, ...words] : [program, ...words, ...host];
  return all.map(shellWord).join(' ');
}
