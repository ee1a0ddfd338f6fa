import { formatProblem, type Problem } from './problem.js';

/**
 * Why the settings were not changed:
 * - `no-home`: there is no place for the file (neither XDG_CONFIG_HOME nor a home directory)
 * - `broken`: the file has errors and is left as it is; `problems` says which
 * - `invalid`: the change would make it so; `problems` says why
 * - `conflict`: a connection of that name exists already
 * - `same-host`: another connection has the same URI, written alike or otherwise
 * - `not-found`: there is no connection of that name
 * - `locked`: another process kept the file locked for too long
 * - `write`: the file could not be written; `cause` is the system's error
 */
export type SettingsFailure =
  | 'no-home'
  | 'broken'
  | 'invalid'
  | 'conflict'
  | 'same-host'
  | 'not-found'
  | 'locked'
  | 'write';

/** The one error of this room; its message is ready to be shown (through `safe`). */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly kind: SettingsFailure;
  readonly problems: readonly Problem[];

  constructor(
    kind: SettingsFailure,
    message: string,
    details: { readonly problems?: readonly Problem[]; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.problems = details.problems ?? [];
  }
}

/** The refusal to write to a file that a person has to mend first. */
export function brokenError(path: string, problems: readonly Problem[]): SettingsError {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const list = errors.map((problem) => `\n  ${formatProblem(problem)}`).join('');
  return new SettingsError('broken', `${path} has errors and was left as it is:${list}`, { problems });
}
