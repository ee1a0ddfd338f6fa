import { literal, type SafeText } from '../../text/safe.js';

interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** The reason why the full-screen program cannot run on these streams, as a line to print; undefined where it can. */
export function missingTerminal(stdin: MaybeTerminal, stdout: MaybeTerminal): SafeText | undefined {
  const missing =
    stdout.isTTY !== true
      ? literal`Standard output`
      : stdin.isTTY !== true
        ? literal`Standard input`
        : undefined;
  if (missing === undefined) return undefined;
  return literal`virtdeck: ${missing} is not a terminal. For scripts and pipes use: virtdeck list\n`;
}
