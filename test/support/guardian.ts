import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { startTime } from './start-time.mjs';

/** Something that must not outlive the tests. */
export type Subject = {
  /** A process, ended by SIGKILL. */
  readonly pid?: number | undefined;
  /** A private daemon's folder: its daemons and guests are ended, then it is removed. */
  readonly folder?: string;
};

let guardian: ChildProcess | undefined;
let lastId = 0;

/**
 * Has something ended when this process ends, however it ends: a test runner kills a worker that hangs, and then
 * no handler of ours runs. A small process of its own watches, and acts when this one is gone.
 * @returns a function that lets go, to call once the thing was ended properly.
 */
export function guard(subject: Subject): () => void {
  const id = ++lastId;
  const started = subject.pid === undefined ? undefined : startTime(subject.pid);
  tell({ id, ...subject, started });
  return () => tell({ id });
}

function tell(message: object): void {
  guardian ??= startGuardian();
  guardian.stdin?.write(`${JSON.stringify(message)}\n`);
}

function startGuardian(): ChildProcess {
  // vitest, when interrupted, leaves a worker whose test hangs: it would guard for ever.
  process.once('disconnect', () => process.exit(1));
  // Detached: signals that a terminal or `timeout` sends to the whole group do not reach it.
  const child = spawn(process.execPath, [join(import.meta.dirname, 'guardian-process.mjs')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  child.unref();
  // Nothing of it keeps this process alive.
  (child.stdin as Writable & { unref?: () => void }).unref?.();
  child.stdin?.on('error', () => {});
  return child;
}
