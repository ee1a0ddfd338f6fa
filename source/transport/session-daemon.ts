import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Endpoint, type TransportContext, TransportError } from './endpoint.js';
import { findDaemon, type SocketChoice } from './sockets.js';

/** Characters of a daemon's log that are kept to explain its end. */
const logKept = 16_384;

/** How long a session daemon may take to listen; QEMU's capabilities are probed later. */
const patience = 10_000;

/**
 * Starts the user's own daemon, as libvirt's client does (it ends by itself 120 s after the last client has
 * left), and resolves with the first connection that it accepts.
 */
export async function startSessionDaemon(
  choice: SocketChoice,
  endpoint: Endpoint,
  context: TransportContext,
  connectOnce: () => Promise<Duplex>,
): Promise<Duplex> {
  const about = { scope: endpoint.scope, driver: endpoint.driver, path: choice.path };
  const program = findDaemon(choice.daemon, context);
  if (program === undefined) {
    throw new TransportError(
      'daemon-missing',
      `no session daemon runs, and ${choice.daemon} is not installed`,
      about,
    );
  }
  context.onStep?.(`starting ${choice.daemon}`);
  const child = spawn(program, ['--timeout=120'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: context.env as NodeJS.ProcessEnv,
  });
  child.unref();
  try {
    return await waitUntilItListens(child, program, choice, about, connectOnce);
  } finally {
    // From here on it logs for nobody (it ignores SIGPIPE): a full pipe would block it one day.
    child.stderr?.destroy();
  }
}

async function waitUntilItListens(
  child: ChildProcess,
  program: string,
  choice: SocketChoice,
  about: { scope: Endpoint['scope']; driver: string; path: string },
  connectOnce: () => Promise<Duplex>,
): Promise<Duplex> {
  const ended = endOf(child);
  const deadline = Date.now() + patience;
  for (let wait = 10; ; wait = Math.min(wait * 2, 200)) {
    try {
      return await connectOnce();
    } catch (error) {
      if (!(error instanceof TransportError) || !['socket-missing', 'refused'].includes(error.kind))
        throw error;
    }
    const end = await Promise.race([ended, delay(wait)]);
    if (end !== undefined && !end.othersRun) {
      throw new TransportError('daemon-failed', `${program} did not start: ${end.text}`, {
        ...about,
        path: program,
      });
    }
    // Once it has ended, the race above waits no more.
    if (end?.othersRun) await delay(wait);
    if (Date.now() > deadline) {
      throw new TransportError(
        'daemon-failed',
        `${program} runs but does not listen on ${choice.path}`,
        about,
      );
    }
  }
}

interface End {
  readonly text: string;
  /** It gave way to a daemon that another client has just started: that one will listen soon. */
  readonly othersRun: boolean;
}

function endOf(child: ChildProcess): Promise<End> {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (log.length < logKept) log += text;
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ text: error.message, othersRun: false }));
    child.once('close', (code, signal) => {
      const how = signal ? `killed by ${signal}` : `exit status ${code}`;
      const why = reasonIn(log);
      resolve({ text: why === '' ? how : `${why} (${how})`, othersRun: /\.pid'/.test(why) });
    });
  });
}

/** The first error that a daemon logged (what follows are its consequences), without time and place. */
function reasonIn(log: string): string {
  const lines = log.trim().split('\n');
  const line = lines.find((text) => text.includes(': error : ')) ?? lines.at(-1) ?? '';
  return line.replace(/^.*?: (?:error|warning|info) : (?:\w+:\d+ : )?/, '').trim();
}
