import { constants } from 'node:os';
import { literal, safe, safeBlock } from '../text/safe.js';
import { type Command, type CommandIo, ExitCode } from './command.js';
import { codeOfEnd, Ending, type EndSignal, endSignals } from './ending.js';
import { failureOf, shown, usageError } from './failures.js';
import { Output, outputFailure } from './output.js';
import { parseFlags } from './parse-flags.js';

/** What a command runs in; tests bring their own. */
export interface World {
  readonly stdout: CommandIo['stdout'];
  readonly stderr: CommandIo['stderr'];
  readonly env: CommandIo['env'];
  readonly keepalive?: CommandIo['keepalive'];
  readonly hurry?: CommandIo['hurry'];
  /** Hears signals until the returned call. */
  onSignal(listener: (signal: EndSignal) => void): () => void;
  /** Hears what nobody has caught. */
  onFault(listener: (error: unknown) => void): () => void;
}

/**
 * Runs a command from its command line to its exit code. It ends whatever happens: by itself, by a failure, which
 * is told in a line, or by a signal, after which it has a moment to let go of what it holds.
 */
export async function runOneShot(
  name: string,
  command: Pick<Command, 'usage' | 'flags' | 'run' | 'endsBySignal' | 'ownWords'>,
  argv: readonly string[],
  world: World,
  ending: Ending,
): Promise<number> {
  const { stdout, stderr, env, keepalive, hurry } = world;
  const parsed = parseFlags(argv, command.flags, command.ownWords);
  if ('problem' in parsed) return usageError({ stderr }, name, parsed.problem);
  if (parsed.help) {
    stdout.write(safeBlock(command.usage));
    return ExitCode.ok;
  }
  const tellFault = (error: unknown): void => {
    const { message, hint } = failureOf(error);
    stderr.write(literal`virtdeck ${safe(name)}: ${shown(message)}\n`);
    if (hint !== undefined) stderr.write(literal`hint: ${shown(hint)}\n`);
  };
  const stops = [
    world.onSignal((signal) => ending.tell(128 + constants.signals[signal])),
    world.onFault((error) => {
      // What breaks after the end was asked for is its consequence.
      if (!ending.signal.aborted) tellFault(error);
      ending.tell(ExitCode.failed);
    }),
  ];
  const io: CommandIo = { stdout, stderr, env, keepalive, hurry, signal: ending.signal, ending };
  const run = async (): Promise<number> => {
    try {
      const code = await command.run(parsed, io);
      if (!ending.signal.aborted || command.endsBySignal === true) return code;
    } catch (error) {
      if (!ending.signal.aborted) {
        tellFault(error);
        return ExitCode.failed;
      }
    }
    return codeOfEnd(ending.signal);
  };
  try {
    return await Promise.race([run(), ending.atOnce]);
  } finally {
    ending.stop();
    for (const stop of stops) stop();
  }
}

/** Runs a command as this process, and ends it. */
export async function oneShot(
  name: string,
  load: () => Promise<Command>,
  argv: readonly string[],
): Promise<never> {
  let outputFailed = false;
  const stderr = new Output(process.stderr, () => {});
  const ending = new Ending((text) => stderr.write(literal`\n${text}\n`));
  const stdout = new Output(process.stdout, (error) => {
    outputFailed = true;
    stderr.write(literal`virtdeck ${safe(name)}: standard output: ${outputFailure(error)}\n`);
    ending.tell(ExitCode.failed);
  });
  const world: World = { stdout, stderr, env: process.env, onSignal, onFault };
  let code: number;
  try {
    code = await runOneShot(name, await load(), argv, world, ending);
  } catch (error) {
    stderr.write(literal`virtdeck ${safe(name)}: ${shown(failureOf(error).message)}\n`);
    code = ExitCode.failed;
  }
  // A reader that takes its time is waited for, but not against the person's will.
  const stop = onSignal((signal) => process.exit(128 + constants.signals[signal]));
  await Promise.all([stdout.flushed(), stderr.flushed()]);
  stop();
  // Whatever is still open keeps nobody waiting.
  process.exit(outputFailed ? ExitCode.failed : code);
}

function onSignal(listener: (signal: EndSignal) => void): () => void {
  for (const name of endSignals) process.on(name, listener);
  return () => {
    for (const name of endSignals) process.off(name, listener);
  };
}

function onFault(listener: (error: unknown) => void): () => void {
  process.on('uncaughtException', listener);
  return () => process.off('uncaughtException', listener);
}
