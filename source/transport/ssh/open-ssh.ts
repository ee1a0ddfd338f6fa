import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildStream } from '../child-stream.js';
import { type Endpoint, type Transport, type TransportContext, TransportError } from '../endpoint.js';
import { sshArguments, sshTarget } from './arguments.js';
import { type Askpass, openAskpass } from './askpass.js';
import { controlPath, listens, runtimeFolder } from './control.js';
import { sshFailure } from './failures.js';

/** Seconds that a login is kept for the next connection, after the last has left it. */
const persist = 60;

/** Milliseconds in which something must happen while nobody is asked: ssh's own timer ends with the first line. */
const patience = 20_000;

/** Characters of standard error that are kept. */
const saidKept = 32_768;

/** Authenticated to lab2 ([10.0.0.2]:22) using "publickey". Through a jump host there is no address in it. */
const authenticated = /^Authenticated to .+? (?:\(\[([^\]]+)\]:\d+\) |\(.*?\) )?using "([^"]+)"/m;

/** The logins that this process is making, by their control path: the rest wait, and then share them. */
const logins = new Map<string, Promise<unknown>>();

/** Hosts that this process has logged in to, where logins cannot be shared. */
const unshared = new Set<string>();

/** A connection through the user's own ssh; all connections of one login share it. Rejects with TransportError. */
export async function openSsh(endpoint: Endpoint, context: TransportContext): Promise<Transport> {
  const folder = runtimeFolder(context);
  const control = folder === undefined ? undefined : controlPath(folder, endpoint);
  if (control === undefined)
    return (await start(endpoint, context, { folder, control, shares: false })).transport;
  // A login under way is worth waiting for: it may be about to ask for a password.
  while (logins.has(control)) await logins.get(control);
  const making = logIn(endpoint, context, folder, control);
  const settled = making.then(
    ({ shared }) => shared,
    () => {},
  );
  logins.set(control, settled);
  void settled.then(() => logins.delete(control));
  return (await making).transport;
}

async function logIn(
  endpoint: Endpoint,
  context: TransportContext,
  folder: string | undefined,
  control: string,
): Promise<Started> {
  return start(endpoint, context, { folder, control, shares: await listens(control) });
}

interface Started {
  readonly transport: Transport;
  /** Resolves once others can share the login. */
  readonly shared: Promise<void>;
}

interface Way {
  readonly folder: string | undefined;
  readonly control: string | undefined;
  /** There is a login already. */
  readonly shares: boolean;
}

async function start(endpoint: Endpoint, context: TransportContext, way: Way): Promise<Started> {
  const { signal, ask, onStep, env } = context;
  const target = sshTarget(endpoint);
  if (signal?.aborted) throw new TransportError('aborted', 'given up', endpoint);
  const canAsk = ask !== undefined && way.folder !== undefined;
  const args = sshArguments(endpoint, { control: way.control, persist, batch: !canAsk });
  const ended = new AbortController();
  const login = new Login();
  const askpass =
    canAsk && way.folder !== undefined
      ? openAskpass({
          folder: way.folder,
          host: target,
          ask,
          signal: ended.signal,
          again: whyAgain(way, target),
          onChange: () => login.touch(),
        })
      : undefined;
  if (!way.shares) onStep?.(`logging in to ${target} (ssh)`);
  const child = spawn(endpoint.options.command ?? 'ssh', args, {
    stdio: 'pipe',
    // A session of its own: it never reads the terminal, and Ctrl-C there is not meant for it.
    detached: true,
    env: { ...env, ...askpass?.env } as NodeJS.ProcessEnv,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-saidKept);
    login.touch();
    const loggedIn = authenticated.exec(said);
    if (loggedIn === null || login.isDone) return;
    const [, address, method] = loggedIn;
    onStep?.(`logged in to ${target} (${[address, method].filter(Boolean).join(', ')})`);
    login.done();
  });
  const stream = new ChildStream(child, (end) => {
    const failure = failureOf(endpoint, said, end, { askpass, login, way });
    login.fail(failure);
    return failure;
  });
  child.stdout.once('data', () => {
    login.done();
    // Whoever is heard from the far side asks nothing more.
    askpass?.close();
  });
  const giveUp = () => stream.destroy(new TransportError('aborted', 'given up', endpoint));
  signal?.addEventListener('abort', giveUp, { once: true });
  void stream.ended.then(() => {
    ended.abort();
    askpass?.close();
  });
  // Whoever awaits the login is told of it there; a stream that nobody has yet must not end the program.
  stream.on('error', (error) => login.fail(error));
  if (way.shares) login.done();
  try {
    await login.wait(() => askpass?.asking === true, patience);
  } catch (error) {
    stream.destroy();
    if (error instanceof TransportError) throw error;
    throw new TransportError('silent', `ssh to ${target}: ${(error as Error).message}`, endpoint);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  if (way.control === undefined) unshared.add(target);
  const shared = way.control === undefined ? Promise.resolve() : untilShared(way.control, stream.ended);
  return { transport: { stream, confidential: true }, shared };
}

function failureOf(
  endpoint: Endpoint,
  said: string,
  end: Parameters<typeof sshFailure>[2],
  { askpass, login, way }: { askpass: Askpass | undefined; login: Login; way: Way },
): TransportError {
  if (askpass?.declined) return new TransportError('aborted', 'the question was not answered', endpoint);
  // Who shares a login that is gone is told nothing of it.
  if (way.shares && login.isDone && said.trim() === '' && end.code === 255)
    return new TransportError(
      'unreachable',
      `ssh to ${sshTarget(endpoint)}: the shared login has ended`,
      endpoint,
    );
  return sshFailure(endpoint, said, end);
}

function whyAgain({ shares, control }: Way, target: string): string | undefined {
  if (shares)
    return 'The host allows no more connections over one login (MaxSessions): it asks for each one.';
  if (control === undefined && unshared.has(target))
    return 'Logins cannot be shared on this machine: each connection asks.';
  return undefined;
}

/** The socket of a shared login appears a moment after the login. */
async function untilShared(control: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (let left = 100; left > 0 && !over; left -= 1) {
    if (await listens(control)) return;
    await delay(10);
  }
}

/** Waits until somebody is logged in, as long as something goes on. */
class Login {
  isDone = false;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  #lastSign = Date.now();
  readonly #outcome = new Promise<void>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor() {
    this.#outcome.catch(() => {});
  }

  done(): void {
    this.isDone = true;
    this.#resolve();
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  touch(): void {
    this.#lastSign = Date.now();
  }

  /** @param isAsking true while a person is being asked: they may take their time */
  async wait(isAsking: () => boolean, patience: number): Promise<void> {
    const timer = setInterval(() => {
      if (isAsking()) this.touch();
      else if (Date.now() - this.#lastSign > patience)
        this.#reject(new Error(`nothing was heard for ${patience / 1000} s while logging in`));
    }, 500);
    try {
      await this.#outcome;
    } finally {
      clearInterval(timer);
    }
  }
}
