import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildStream } from '../child-stream.js';
import { type Endpoint, type Transport, type TransportContext, TransportError } from '../endpoint.js';
import { silenceOf } from '../opening.js';
import { sshArguments, sshTarget } from './arguments.js';
import { type Askpass, openAskpass } from './askpass.js';
import { controlPath, listens, runtimeFolder } from './control.js';
import { sshFailure, tellingLine } from './failures.js';

/** Seconds that a login is kept for the next connection, after the last has left it. */
const persist = 60;

/** Characters of standard error that are kept. */
const saidKept = 32_768;

/** Authenticated to lab2 ([10.0.0.2]:22) using "publickey". Through a jump host there is no address in it. */
const authenticated = /^Authenticated to .+? (?:\(\[([^\]]+)\]:\d+\) |\(.*?\) )?using "([^"]+)"/m;

/**
 * The logins that this process is making, by their control path, and why they failed. The rest wait, and then share
 * them: also a failure, for a host that refuses or is silent does so to all, and nobody wants to be asked ten times.
 */
const logins = new Map<string, Promise<TransportError | undefined>>();

/** Hosts that this process has logged in to, where logins cannot be shared. */
const unshared = new Set<string>();

/** A connection through the user's own ssh; all connections of one login share it. Rejects with TransportError. */
export async function openSsh(endpoint: Endpoint, context: TransportContext): Promise<Transport> {
  const folder = runtimeFolder(context);
  const control = folder === undefined ? undefined : controlPath(folder, endpoint);
  if (control === undefined)
    return whenLoggedIn(endpoint, await start(endpoint, context, { folder, control, shares: false }));
  const { hold = (work) => work } = context;
  // A login under way is worth waiting for: it may be about to ask for a password.
  for (let login = logins.get(control); login !== undefined; login = logins.get(control)) {
    const failure = await hold(unlessAborted(login, context.signal));
    if (failure !== undefined) throw failure;
    checkAborted(endpoint, context);
  }
  const making = listens(control).then((shares) => start(endpoint, context, { folder, control, shares }));
  const settled = making.then(
    ({ shared }) => shared,
    () => undefined,
  );
  logins.set(control, settled);
  void settled.then(() => logins.delete(control));
  return whenLoggedIn(endpoint, await making);
}

/** A program in the place of ssh need not say that it has logged in: its stream is handed on before, and waits. */
async function whenLoggedIn({ options }: Endpoint, { transport, loggedIn }: Started): Promise<Transport> {
  const failure = options.command === undefined ? await loggedIn : undefined;
  if (failure !== undefined) throw failure;
  return transport;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return work;
  return new Promise((resolve) => {
    const given = (): void => resolve(undefined);
    signal.addEventListener('abort', given, { once: true });
    void work.then(resolve).then(() => signal.removeEventListener('abort', given));
  });
}

function checkAborted(endpoint: Endpoint, { signal }: TransportContext): void {
  if (signal?.aborted) throw new TransportError('aborted', 'given up', endpoint);
}

interface Started {
  readonly transport: Transport;
  /** Resolves then, or with why not; undefined as well where it was given up. */
  readonly loggedIn: Promise<TransportError | undefined>;
  /** Resolves once others can share the login, or with why there is none. */
  readonly shared: Promise<TransportError | undefined>;
}

interface Way {
  readonly folder: string | undefined;
  readonly control: string | undefined;
  /** There is a login already. */
  readonly shares: boolean;
}

async function start(endpoint: Endpoint, context: TransportContext, way: Way): Promise<Started> {
  const { signal, ask, onStep, env, heard = () => {} } = context;
  const target = sshTarget(endpoint);
  const canAsk = ask !== undefined && way.folder !== undefined;
  const args = sshArguments(endpoint, { control: way.control, persist, batch: !canAsk });
  const ended = new AbortController();
  const login = new Login();
  const askpass =
    canAsk && way.folder !== undefined
      ? await openAskpass({
          folder: way.folder,
          host: target,
          ask,
          signal: ended.signal,
          onNews: (text) => onStep?.(text),
          again: whyAgain(way, target),
        })
      : undefined;
  if (signal?.aborted) askpass?.close();
  checkAborted(endpoint, context);
  if (!way.shares) onStep?.(`logging in to ${target} (ssh)`);
  const child = spawn(endpoint.options.command || 'ssh', args, {
    stdio: 'pipe',
    // A session of its own: it never reads the terminal, and Ctrl-C there is not meant for it.
    detached: true,
    env: { ...env, ...askpass?.env } as NodeJS.ProcessEnv,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // A program that never ends to speak is no sign of life.
    if (said.length < saidKept) heard();
    said = (said + text).slice(-saidKept);
    const loggedIn = authenticated.exec(said);
    if (loggedIn === null || login.isDone) return;
    const [, address, method] = loggedIn;
    onStep?.(`logged in to ${target} (${[address, method].filter(Boolean).join(', ')})`);
    login.done();
  });
  const stream = new ChildStream(child, (end) => {
    const failure = failureOf(endpoint, said, end, { askpass, way });
    login.fail(failure);
    return failure;
  });
  child.stdout.once('data', () => {
    login.done();
    // Whoever is heard from the far side asks nothing more.
    askpass?.close();
  });
  const giveUp = () => {
    const silence = silenceOf(signal);
    // A login that others share, and that is deaf: the next one is a new one.
    if (silence !== undefined && way.shares && way.control !== undefined)
      rmSync(way.control, { force: true });
    login.fail(silence);
    stream.destroy(silence ?? new TransportError('aborted', 'given up', endpoint));
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  void stream.ended.then(() => {
    signal?.removeEventListener('abort', giveUp);
    login.fail(undefined);
    ended.abort();
    askpass?.close();
  });
  // A stream that nobody has yet must not end the program; whoever has it is told by it as well.
  stream.on('error', () => {});
  if (way.shares) login.done();
  const shared = login.outcome.then((failure) => {
    if (login.isDone && way.control === undefined) unshared.add(target);
    if (login.isDone && way.control !== undefined) return untilShared(way.control, stream.ended);
    return failure;
  });
  return { transport: { stream, confidential: true }, loggedIn: login.outcome, shared };
}

function failureOf(
  endpoint: Endpoint,
  said: string,
  end: Parameters<typeof sshFailure>[2],
  { askpass, way }: { askpass: Askpass | undefined; way: Way },
): TransportError {
  if (askpass?.declined) return new TransportError('aborted', 'the question was not answered', endpoint);
  // Who shares a login that is gone is told nothing of it.
  if (way.control !== undefined && end.code === 255 && tellingLine(said) === undefined)
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
async function untilShared(control: string, ended: Promise<unknown>): Promise<undefined> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (let left = 100; left > 0 && !over; left -= 1) {
    if (await listens(control)) return;
    await delay(10);
  }
}

/** Whether somebody is logged in. */
class Login {
  isDone = false;
  #settle: (failure: TransportError | undefined) => void = () => {};
  readonly outcome = new Promise<TransportError | undefined>((resolve) => {
    this.#settle = resolve;
  });

  done(): void {
    this.isDone = true;
    this.#settle(undefined);
  }

  /** Nothing where it is done already. */
  fail(failure: TransportError | undefined): void {
    this.#settle(failure);
  }
}
