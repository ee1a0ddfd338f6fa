import { join } from 'node:path';
import { Terminal, type TerminalOptions } from './terminal.js';

/** The built program. */
export const cliPath = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** Opens virtdeck's full-screen program in a pseudo-terminal of 80x24 unless told otherwise. */
export function openVirtdeck(args: readonly string[], options: Partial<TerminalOptions> = {}): Terminal {
  return Terminal.open({ command: process.execPath, args: [cliPath, ...args], ...options });
}

/** The row of a domain in the Manager's list (symbol, then name), or "" while it has none. */
export function rowOf(terminal: Terminal, domain: string): string {
  return terminal.screen().find((row) => row.trim().split(/\s+/, 2)[1] === domain) ?? '';
}
