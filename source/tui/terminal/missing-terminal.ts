interface MaybeTerminal {
  readonly isTTY?: boolean;
}

/** The reason why the full-screen program cannot run on these streams, or undefined where it can. */
export function missingTerminal(stdin: MaybeTerminal, stdout: MaybeTerminal): string | undefined {
  const missing =
    stdout.isTTY !== true ? 'Standard output' : stdin.isTTY !== true ? 'Standard input' : undefined;
  if (missing === undefined) return undefined;
  return `virtdeck: ${missing} is not a terminal. For scripts and pipes use: virtdeck list`;
}
