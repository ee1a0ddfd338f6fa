import type { Command, CommandIo } from '../../source/commands/command.js';

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a one-shot command in this process and collects what it prints. */
export async function runCommand(
  command: Command,
  input: readonly string[],
  flags: Readonly<Record<string, unknown>>,
  io: Partial<CommandIo> = {},
): Promise<CommandResult> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await command.run(
    { input, flags },
    {
      stdout: { write: (text) => stdout.push(text) },
      stderr: { write: (text) => stderr.push(text) },
      // Nobody's own settings: a test brings its own.
      env: { XDG_CONFIG_HOME: '/nonexistent' },
      ...io,
    },
  );
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}
