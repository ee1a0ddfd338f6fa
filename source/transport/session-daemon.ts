import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type Endpoint, type TransportContext, TransportError } from './endpoint.js';
import { findDaemon, type SocketChoice } from './sockets.js';

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
    stdio: 'ignore',
    env: context.env as NodeJS.ProcessEnv,
  });
  const ended = exitOf(child);
  child.unref();
  const deadline = Date.now() + patience;
  for (let wait = 10; ; wait = Math.min(wait * 2, 200)) {
    try {
      return await connectOnce();
    } catch (error) {
      if (!(error instanceof TransportError) || !['socket-missing', 'refused'].includes(error.kind))
        throw error;
    }
    const exit = await Promise.race([ended, delay(wait)]);
    if (exit !== undefined) {
      throw new TransportError('daemon-failed', `${program} did not start: ${exit}`, {
        ...about,
        path: program,
      });
    }
    if (Date.now() > deadline) {
      throw new TransportError(
        'daemon-failed',
        `${program} runs but does not listen on ${choice.path}`,
        about,
      );
    }
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit status ${code}`));
  });
}
