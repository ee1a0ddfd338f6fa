import { type Command, ExitCode, usageError } from './source/commands/command.js';
import { commands, nearestCommand } from './source/commands/registry.js';

declare const VIRTDECK_VERSION: string | undefined;

/** Set by the build; sources that run unbuilt are a development version. */
const version = typeof VIRTDECK_VERSION === 'string' ? VIRTDECK_VERSION : '0.0.0-development';

const parsing = {
  importMeta: import.meta,
  pkg: { name: 'virtdeck', version },
  description: false,
  allowUnknownFlags: false,
  // A flag that was not given is undefined, not false: some have a default that depends on the output.
  booleanDefault: undefined,
} as const;

// `virtdeck list | head` ends the reader early: that is no error of this program.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(ExitCode.ok);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));

/** Picks a one-shot command or the full-screen program; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first.startsWith('-')) return fullScreen(argv);
  if (Object.hasOwn(commands, first)) return oneShot(first, rest);
  const nearest = nearestCommand(first);
  const guess = nearest ? ` Did you mean "${nearest}"?` : '';
  process.stderr.write(
    `virtdeck: there is no command ${JSON.stringify(first)}.${guess}\nSee: virtdeck --help\n`,
  );
  return ExitCode.usage;
}

async function oneShot(name: string, argv: readonly string[]): Promise<number> {
  const { stdout, stderr, env } = process;
  const [command, { parseFlags }] = await Promise.all([
    commands[name]?.load() as Promise<Command>,
    import('./source/commands/parse-flags.js'),
  ]);
  const parsed = parseFlags(argv, command.flags);
  if ('problem' in parsed) return usageError({ stderr }, name, parsed.problem);
  if (parsed.help) {
    stdout.write(command.usage);
    return ExitCode.ok;
  }
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  return command.run(parsed, { stdout, stderr, env, signal: interrupt.signal });
}

async function fullScreen(argv: readonly string[]): Promise<number> {
  // Nothing to parse is the common case, and the first frame should not wait for it.
  const uris = argv.length === 0 ? [] : await parseFullScreen(argv);
  if (typeof uris === 'number') return uris;
  if (!process.stdout.isTTY || !process.stdin.isTTY) {
    process.stderr.write(
      'virtdeck: the full-screen program needs a terminal; for scripts there is `virtdeck list`.\n',
    );
    return ExitCode.usage;
  }
  const { start } = await import('./source/tui/start.js');
  return start({ version, uris });
}

/** The URIs to show, or an exit code. */
async function parseFullScreen(argv: readonly string[]): Promise<readonly string[] | number> {
  const [{ connectFlag }, { parseFlags }] = await Promise.all([
    import('./source/commands/command.js'),
    import('./source/commands/parse-flags.js'),
  ]);
  const parsed = parseFlags(argv, connectFlag);
  // Hosts alone need no more: meow's texts for everything else would delay their first frame.
  const hosts = !('problem' in parsed) && !parsed.help && parsed.input.length === 0 && parsed.flags.connect;
  if (Array.isArray(hosts)) return hosts;
  const { default: meow } = await import('meow');
  const { input, flags } = meow(usage(), { ...parsing, argv, flags: connectFlag });
  if (input.length === 0) return flags.connect ?? [];
  process.stderr.write(`virtdeck: unexpected argument ${JSON.stringify(input[0])}\nSee: virtdeck --help\n`);
  return ExitCode.usage;
}

function usage(): string {
  const names = Object.entries(commands).map(([name, { summary }]) => `    ${name.padEnd(12)}${summary}`);
  return `
  Usage
    $ virtdeck [-c URI ...]            the full-screen program
    $ virtdeck COMMAND [options]       one answer, for scripts (virtdeck COMMAND --help)

  Options
    -c, --connect URI   a libvirt host, e.g. qemu:///system; may be given several times
                        (else LIBVIRT_DEFAULT_URI, else what libvirt would choose)
    --version           the version of virtdeck
    --help              this text

  Commands
${names.join('\n')}
`;
}
