import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { CommandArgs, Flag } from './command.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The command line read by a command's table of flags, or what is wrong with it. */
export type ParsedFlags = (CommandArgs & { readonly help: boolean }) | { readonly problem: string };

/**
 * Reads a command line with Node's own parser: one-shot commands answer in a tenth of a second, of which a
 * parser with more comfort would take a third. `--no-NAME` switches a boolean off; what is not given is
 * undefined, so that a default may depend on the output.
 *
 * @param ownWords how many words beside the flags are the command's own: no flag is looked for behind them
 */
export function parseFlags(
  argv: readonly string[],
  table: Readonly<Record<string, Flag>>,
  ownWords = Number.POSITIVE_INFINITY,
): ParsedFlags {
  const options: Options = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, shortFlag, isMultiple }] of Object.entries(table)) {
    options[name] = {
      type: type === 'boolean' ? 'boolean' : 'string',
      ...(shortFlag !== undefined && { short: shortFlag }),
      ...(isMultiple !== undefined && { multiple: isMultiple }),
    };
  }
  const own = argv.slice(
    0,
    ownWords === Number.POSITIVE_INFINITY ? undefined : endOfOwn(argv, options, ownWords),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      options,
      allowPositionals: true,
      allowNegative: true,
    } as ParseArgsConfig);
    const { help, ...given } = values;
    const flags = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        table[name]?.type === 'number' ? toNumber(value) : value,
      ]),
    );
    return { input: [...positionals, ...argv.slice(own.length)], flags, help: help === true };
  } catch (error) {
    return { problem: problemOf(error as Error) };
  }
}

/** Where the first word stands that is no longer the command's own; undefined: there is none. */
function endOfOwn(argv: readonly string[], options: Options, ownWords: number): number | undefined {
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  } as ParseArgsConfig & { readonly tokens: true });
  return tokens.filter(({ kind }) => kind === 'positional')[ownWords]?.index;
}

/** NaN for what is no number: each command says what it takes. */
function toNumber(value: unknown): number {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

/** Node's message without its advice, which is about other command lines than people type. */
function problemOf(error: Error): string {
  const [first = ''] = error.message.split(/\. |\n/);
  return first.charAt(0).toLowerCase() + first.slice(1);
}
