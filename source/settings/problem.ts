/** Something in the settings file that is not as it should be. */
export interface Problem {
  /** An `error` makes the file broken: it is never written to. A `warning` does not. */
  readonly severity: 'error' | 'warning';
  /** Path of the file, as it was given. */
  readonly file: string;
  /** From 1; undefined where it is about the file as a whole. */
  readonly line: number | undefined;
  /** From 1, in characters. */
  readonly column: number | undefined;
  /** Path of the field, e.g. "connections[1].uri"; "" where it is about the text or the file itself. */
  readonly field: string;
  /** What was expected, or what is wrong. May quote the file: pass it through `safe` before it is shown. */
  readonly message: string;
}

/**
 * "config.yaml:12: connections[1].uri: expected text".
 *
 * @param file another form of the file's name, e.g. a shorter one
 */
export function formatProblem(problem: Problem, file: string = problem.file): string {
  const place = problem.line === undefined ? file : `${file}:${problem.line}`;
  return [place, problem.field, problem.message].filter((part) => part !== '').join(': ');
}

/** ["connections", 1, "uri"] as "connections[1].uri". */
export function fieldText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
