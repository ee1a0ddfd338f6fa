/** The command line is wrong; nothing has been asked of any host. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

/** What was typed instead; of what is no number, the parser of the command line has kept nothing. */
export function notThis(value: unknown): string {
  return typeof value === 'number' && Number.isNaN(value) ? '' : `, not ${JSON.stringify(value)}`;
}

/** Whether a flag that takes a value was given as --no-NAME: Node's parser reads that in several ways. */
export function saysNo(flags: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = flags[name];
  return flags[`no-${name}`] === true || value === false || (Array.isArray(value) && value.includes(false));
}

/** Whether a flag was given, and not as --no-NAME. */
export function isGiven(flags: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = flags[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.some((one) => one !== undefined && one !== false);
}
