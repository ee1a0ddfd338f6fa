import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type SafeText, safe } from '../text/safe.js';

/** How long a file that is not ready is waited for before it is tried again, in milliseconds. */
const pause = 5;

/**
 * Standard output or standard error of a command. What is written is either there in the end or its failure is
 * told once: Node's own streams throw, or lose what a full disk has taken only half of.
 */
export class Output {
  readonly #stream: NodeJS.WriteStream & { readonly fd: number };
  readonly #file: number | undefined;
  readonly #waiting = new Set<() => void>();
  #pending = 0;
  #failed = false;
  readonly #onFailure: (error: NodeJS.ErrnoException) => void;

  /** @param onFailure is told of the first failure; nothing is written after it */
  constructor(
    stream: NodeJS.WriteStream & { readonly fd: number },
    onFailure: (error: NodeJS.ErrnoException) => void,
  ) {
    this.#stream = stream;
    this.#file = isFile(stream.fd) ? stream.fd : undefined;
    this.#onFailure = onFailure;
    stream.on('error', (error: NodeJS.ErrnoException) => this.#fail(error));
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Of the terminal. */
  get columns(): number | undefined {
    return this.#stream.columns;
  }

  write(text: SafeText): void {
    if (this.#failed || text === '') return;
    try {
      if (this.#file !== undefined) writeAll(this.#file, Buffer.from(text));
      else {
        this.#pending += 1;
        this.#stream.write(text, (error) => this.#written(error));
      }
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
  }

  /** Resolves when all is written, or never will be. */
  flushed(): Promise<void> {
    if (this.#pending === 0 || this.#failed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
    });
  }

  #written(error: Error | null | undefined): void {
    this.#pending -= 1;
    if (error) this.#fail(error);
    else if (this.#pending === 0) this.#wake();
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(error);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** What stands in the way of output, in words. */
export function outputFailure({ code, message }: NodeJS.ErrnoException): SafeText {
  return safe(
    {
      EPIPE: 'whoever read it is gone (EPIPE)',
      ENOSPC: 'no space is left there (ENOSPC)',
      EIO: 'it cannot be written to (EIO)',
    }[code ?? ''] ?? message,
  );
}

function isFile(descriptor: number): boolean {
  const stat = fstatSync(descriptor);
  return stat.isFile() || stat.isBlockDevice() || (stat.isCharacterDevice() && !isatty(descriptor));
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}
