import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Duplex } from 'node:stream';

/** Milliseconds that a program which has closed its output has to end by itself: its status says why. */
const endPatience = 500;

/** Milliseconds that a program has to end once it is told to. */
const killPatience = 1000;

/** Milliseconds for what a program that has ended said last. */
const lastWords = 200;

/** How a program ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started at all. */
  readonly error?: NodeJS.ErrnoException;
}

/**
 * The standard input and output of a program as one stream. Where its output ends, `explain` turns how it ended
 * into the stream's error, or into a plain end (undefined). Destroying the stream ends the program, which leads a
 * process group of its own (`detached`), with all of the group.
 */
export class ChildStream extends Duplex {
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  #over = false;

  constructor(child: ChildProcessWithoutNullStreams, explain: (end: ChildEnd) => Error | undefined) {
    super({ allowHalfOpen: false });
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, signal: null, error }));
      // What it leaves running in the background may hold its outputs open: its own end counts.
      child.once('exit', (code, signal) => {
        const told = () => resolve({ code, signal });
        child.once('close', told);
        setTimeout(told, lastWords).unref();
      });
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.once('end', () => setTimeout(() => child.kill('SIGKILL'), endPatience).unref());
    // Its own end is told by its status; what could not be written to it is lost with it.
    child.stdin.on('error', () => {});
    void this.ended.then((end) => {
      if (this.#over) return;
      const failure = explain(end);
      if (failure === undefined) this.push(null);
      else this.destroy(failure);
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#child.stdin.destroyed) done();
    else this.#child.stdin.write(chunk, (error) => done(error ? undefined : null));
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#over = true;
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#over = true;
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#kill('SIGTERM');
    // One that is stopped, or does not listen.
    setTimeout(() => this.#kill('SIGKILL'), killPatience).unref();
    done(error);
  }

  /** With what it has started: a wrapper around ssh ends without it. */
  #kill(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }
}
