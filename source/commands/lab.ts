import type { LabCliOptions } from '../lab/cli-options.js';
import { disturb } from '../lab/disturbance.js';
import { faultForms, parseFault } from '../lab/fault-text.js';
import { createLab } from '../lab/lab.js';
import { type ServedLab, serveLab } from '../lab/serve.js';
import { systemClock } from '../lab/world/clock.js';
import { safeBlock } from '../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, ExitCode } from './command.js';
import { failureOf, reportProblem, usageError } from './failures.js';

const numbers = ['domains', 'volumes', 'seed', 'latency', 'jitter', 'speed', 'churn'] as const;
/** The most domains, or volumes of a pool, that one list answer may hold. */
const listLimit = 16_384;
/** sun_path, less its NUL. */
const socketPathLimit = 107;

/** `virtdeck lab`: a simulated host on a socket, for virtdeck and for libvirt's own tools. */
export const lab: Command = {
  usage: usageText(),
  flags: {
    socket: { type: 'string' },
    domains: { type: 'number' },
    volumes: { type: 'number' },
    seed: { type: 'number' },
    latency: { type: 'number' },
    jitter: { type: 'number' },
    speed: { type: 'number' },
    churn: { type: 'number' },
    hostname: { type: 'string' },
    fault: { type: 'string', isMultiple: true },
  },
  endsBySignal: true,
  async run(args: CommandArgs, io: CommandIo): Promise<number> {
    const options = readOptions(args);
    return typeof options === 'string' ? usageError(io, 'lab', options) : serve(options, io);
  },
};

/** What the command line asks for, or what is wrong with it. */
function readOptions({ input, flags }: CommandArgs): LabCliOptions | string {
  if (input.length > 0) return `unexpected argument "${input[0]}"`;
  if (typeof flags.socket !== 'string' || flags.socket === '') return 'where? Give --socket PATH';
  if (Buffer.byteLength(flags.socket) > socketPathLimit) {
    return `a socket's path may have ${socketPathLimit} bytes at most`;
  }
  for (const name of numbers) {
    const value = flags[name];
    if (value !== undefined && !(Number(value) >= 0)) return `--${name} takes a number from 0`;
  }
  for (const name of ['domains', 'volumes'] as const) {
    const count = flags[name] as number | undefined;
    if (count !== undefined && (count > listLimit || !Number.isInteger(count))) {
      return `--${name} takes a whole number up to ${listLimit}: no list may be longer`;
    }
  }
  if (flags.speed === 0) return '--speed takes a number above 0';
  const faults = ((flags.fault ?? []) as readonly string[]).map(parseFault);
  const wrong = faults.find((fault) => typeof fault === 'string');
  if (wrong !== undefined) return `--fault: ${wrong}`;
  const number = (name: (typeof numbers)[number]) => flags[name] as number | undefined;
  return {
    socket: flags.socket,
    domains: number('domains'),
    volumes: number('volumes'),
    seed: number('seed'),
    latency: number('latency'),
    jitter: number('jitter'),
    speed: number('speed'),
    churn: number('churn'),
    hostname: (flags.hostname as string | undefined) || undefined,
    faults: faults.filter((fault) => typeof fault !== 'string'),
  };
}

/** Serves until it is told to end. */
async function serve(options: LabCliOptions, io: CommandIo): Promise<number> {
  const { seed, domains, volumes, hostname, speed, churn, latency = 0, jitter = 0 } = options;
  const host = createLab({ seed, domains, volumes, hostname, speed, churn, link: { latency, jitter } });
  let served: ServedLab;
  try {
    served = await serveLab(host, options.socket);
  } catch (error) {
    host.close();
    reportProblem(io, failureOf(error).message);
    return ExitCode.failed;
  }
  const stopDisturbing = disturb(host, options.faults, systemClock);
  io.stdout.write(
    safeBlock(
      `A simulated host with ${host.world.domains.size} domains is served at ${served.path}\n` +
        `  virtdeck -c '${served.uri}'\n  virsh -c '${served.uri}' list --all\n`,
    ),
  );
  await ended(io.signal);
  stopDisturbing();
  await served.close();
  return ExitCode.ok;
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    // While connections are refused nothing else keeps the program.
    const stay = setInterval(() => {}, 2 ** 30);
    const end = () => {
      clearInterval(stay);
      resolve();
    };
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}

function usageText(): string {
  const faults = Object.entries(faultForms).map(([name, { needs, may, means }]) => {
    const keys = [...needs.map((key) => `${key}=`), ...may.map((key) => `[${key}=]`)];
    return `    ${name.padEnd(10)}${means}\n${' '.repeat(14)}${keys.join(' ')}`;
  });
  return `
  Usage
    $ virtdeck lab --socket PATH [options]

  A simulated libvirt host on a unix socket, for virtdeck, virsh and any other client of libvirt.

  Options
    --socket PATH     where; a socket left behind by another lab is replaced
    --domains N       how many (default 24, at most ${listLimit})
    --volumes N       a storage pool "archive" of so many volumes (at most ${listLimit})
    --seed N          the same seed makes the same domains (default 1)
    --speed F         boots, shutdowns and loads go F times as fast
    --churn N         N changes a minute happen by themselves (default 0)
    --latency MS      every reply and event comes so much later
    --jitter MS       and up to so much later still, in order
    --hostname NAME   (default lab)
    --fault FAULT     NAME or NAME:KEY=VALUE,...; may be given several times

  Faults (procedures by libvirt's names, e.g. CONNECT_GET_ALL_DOMAIN_STATS; times in seconds).
  domain= is the name of a network, pool or volume as well, in a definition too. A packet of an upload, download
  or console counts as one more call of its procedure: drop:procedure=STORAGE_VOL_UPLOAD,every=5,times=1 strikes
  once in the middle.
${faults.join('\n')}

  Exit codes
    0 ended by a signal   1 cannot serve there   2 usage
`;
}
