import { safe } from '../text/safe.js';
import type { Command, CommandArgs, CommandContext, CommandIo, Flag } from './command.js';
import { usageError } from './failures.js';

/** What a subcommand is given. */
export interface SubcommandContext extends CommandContext {
  /** Its name with the command's, for messages: "vol create". */
  readonly name: string;
}

/** One line of a command's table: `virtdeck net start NAME…`. */
export interface Subcommand {
  /** The words that follow its name, as usage writes them; one that ends in "…" stands for one or more. */
  readonly operands: readonly string[];
  /** Which of the command's flags it takes. */
  readonly flags: readonly string[];
  /** Resolves with the exit code. */
  run(operands: readonly string[], context: SubcommandContext): Promise<number>;
}

/** A command that is a table of subcommands. Unknown ones, stray options and missing words are usage errors. */
export function commandOf(
  name: string,
  about: Pick<Command, 'usage' | 'flags'>,
  subcommands: Readonly<Record<string, Subcommand>>,
): Command {
  return {
    ...about,
    run: ({ input, flags }, io) => dispatch(name, about.flags, subcommands, input, flags, io),
  };
}

async function dispatch(
  command: string,
  table: Readonly<Record<string, Flag>>,
  subcommands: Readonly<Record<string, Subcommand>>,
  input: readonly string[],
  flags: CommandArgs['flags'],
  io: CommandIo,
): Promise<number> {
  const [name, ...operands] = input;
  const names = Object.keys(subcommands).join(', ');
  if (name === undefined) return usageError(io, command, `say what to do: ${names}`);
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand === undefined)
    return usageError(io, command, `there is no "${safe(name)}"; there are ${names}`);
  const stray = Object.keys(table).find(
    (flag) => flags[flag] !== undefined && !subcommand.flags.includes(flag),
  );
  if (stray !== undefined) return usageError(io, command, `${name} has no option --${stray}`);
  const many = subcommand.operands.at(-1)?.endsWith('…') === true;
  const wanted = subcommand.operands.length;
  if (many ? operands.length < wanted : operands.length !== wanted) {
    const options = subcommand.flags.map((flag) => `[--${flag}]`);
    const form = [`virtdeck ${command}`, name, ...subcommand.operands, ...options].join(' ');
    return usageError(io, command, `the form is: ${form}`);
  }
  return subcommand.run(operands, { io, flags, name: `${command} ${name}` });
}
