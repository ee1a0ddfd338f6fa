import { join } from 'node:path';
import { Terminal, type TerminalOptions } from './terminal.js';

/** The built program. */
export const cliPath = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** Opens virtdeck's full-screen program in a pseudo-terminal of 80x24 unless told otherwise. */
export function openVirtdeck(args: readonly string[], options: Partial<TerminalOptions> = {}): Terminal {
  return Terminal.open({ command: process.execPath, args: [cliPath, ...args], ...options });
}

/** The screen's row that holds `text`, or "" while none does. */
export function rowWith(terminal: Terminal, text: string): string {
  return terminal.screen().find((row) => row.includes(text)) ?? '';
}
