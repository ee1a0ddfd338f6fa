import { isatty } from 'node:tty';
import { ExitCode } from './source/commands/command.js';
import { commands, leadingHosts, nearestCommand } from './source/commands/registry.js';
import { literal, type SafeText, safe, safeBlock } from './source/text/safe.js';

declare const VIRTDECK_VERSION: string | undefined;

/** Set by the build; sources that run unbuilt are a development version. */
const version = typeof VIRTDECK_VERSION === 'string' ? VIRTDECK_VERSION : '0.0.0-development';

/** Help and version are printed by us, who tell where that fails. */
const parsing = {
  importMeta: import.meta,
  pkg: { name: 'virtdeck', version },
  description: false,
  autoHelp: false,
  autoVersion: false,
} as const;

const ownFlags = { help: { type: 'boolean', shortFlag: 'h' }, version: { type: 'boolean' } } as const;

/**
 * When it ends Node resets the terminals that it was started on, and aborts with a core dump where one of them is
 * gone (node::ResetStdio). Then the program ends by the signal that tells of such terminals, as others do.
 */
const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
process.on('exit', () => {
  if (terminals.every((descriptor) => isatty(descriptor))) return;
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
});
process.exitCode = await main(process.argv.slice(2));

/** Picks a one-shot command or the full-screen program; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const hosts = leadingHosts(argv);
  const [first, ...rest] = argv.slice(hosts.length);
  if (first === undefined || first.startsWith('-')) return fullScreen(argv);
  if (Object.hasOwn(commands, first)) return runCommand(first, [...hosts, ...rest]);
  const nearest = nearestCommand(first);
  const guess = nearest ? ` Did you mean "${nearest}"?` : '';
  return usageError(`there is no command "${first}".${guess}`);
}

/** The process ends with the command: nothing comes after it. */
async function runCommand(name: string, argv: readonly string[]): Promise<number> {
  try {
    const loading = (commands[name] as (typeof commands)[string]).load();
    // Both at once: each waits for the disk. A command that cannot be loaded is told of when it is wanted.
    loading.catch(() => {});
    const { oneShot } = await import('./source/commands/one-shot.js');
    return await oneShot(name, () => loading, argv);
  } catch (error) {
    // Not even its own files could be read, e.g. because no more files may be open.
    say(literal`virtdeck ${safe(name)}: ${safe((error as Error).message)}\n`);
    process.exit(1);
  }
}

async function fullScreen(argv: readonly string[]): Promise<number> {
  // Nothing to parse is the common case, and the first frame should not wait for it.
  const uris = argv.length === 0 ? [] : await parseFullScreen(argv);
  if (typeof uris === 'number') return uris;
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    say(
      literal`virtdeck: the full-screen program needs a terminal; for scripts there is \`virtdeck list\`.\n`,
    );
    return ExitCode.usage;
  }
  try {
    const { start } = await import('./source/tui/app/start.js');
    // Not by a code to end with later: what hosts still owe (answers, goodbyes) would keep the program until they pay.
    return process.exit(await start({ version, uris }));
  } catch (error) {
    // Before there is a screen, e.g. because no more files may be open.
    say(literal`virtdeck: ${safe((error as Error).message)}\n`);
    process.exit(1);
  }
}

/** The URIs to show, or an exit code. */
async function parseFullScreen(argv: readonly string[]): Promise<readonly string[] | number> {
  const [{ connectFlag }, { parseFlags }] = await Promise.all([
    import('./source/commands/command.js'),
    import('./source/commands/parse-flags.js'),
  ]);
  const alone = parseFlags(argv, { ...connectFlag, version: { type: 'boolean' } });
  if ('problem' in alone) return usageError(alone.problem);
  // Hosts alone need no more: meow would delay their first frame.
  if (!alone.help && alone.flags.version !== true && alone.input.length === 0)
    return Array.isArray(alone.flags.connect) ? alone.flags.connect : [];
  const { default: meow } = await import('meow');
  const { input, flags } = meow(usage(), { ...parsing, argv, flags: { ...connectFlag, ...ownFlags } });
  if (flags.help) return print(usage());
  if (flags.version) return print(`${version}\n`);
  return usageError(`unexpected argument "${input[0]}"`);
}

/** Prints a text of the program's own on standard output; the exit code tells whether it is there. */
async function print(text: string): Promise<number> {
  const { Output, outputFailure } = await import('./source/commands/output.js');
  let code: number = ExitCode.ok;
  const stdout = new Output(process.stdout, (error) => {
    code = ExitCode.failed;
    say(literal`virtdeck: standard output: ${outputFailure(error)}\n`);
  });
  stdout.write(safeBlock(text));
  await stdout.flushed();
  return code;
}

/** What was typed may be anything, so that no control character of it reaches the terminal. */
async function usageError(message: string): Promise<number> {
  const { shown } = await import('./source/commands/failures.js');
  say(literal`virtdeck: ${shown(message)}\nSee: virtdeck --help\n`);
  return ExitCode.usage;
}

function say(text: SafeText): void {
  process.stderr.write(text);
}

function usage(): string {
  const names = Object.entries(commands).map(([name, { summary }]) => `    ${name.padEnd(12)}${summary}`);
  return `
  Usage
    $ virtdeck [-c URI ...]            the full-screen program
    $ virtdeck COMMAND [options]       one answer, for scripts (virtdeck COMMAND --help)

  Options
    -c, --connect URI   a libvirt host, e.g. qemu:///system; may be given several times
                        (else VIRSH_DEFAULT_CONNECT_URI, LIBVIRT_DEFAULT_URI, the settings',
                        uri_default of libvirt.conf, qemu:///system, qemu:///session)
    --version           the version of virtdeck
    --help              this text

  Commands
${names.join('\n')}

  Exit codes of commands
    0 done   1 failed   2 usage   130, 143, 129 ended by Ctrl-C, SIGTERM, SIGHUP
`;
}
