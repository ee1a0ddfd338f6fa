import { constants, openSync, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { Socket } from 'node:net';
import { bytes } from '../text/size.js';

/** Why something is not read, although the system would; the message is the reason alone, without the path. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

/**
 * Reads a file that a person or an earlier run has written: settings, keys, notes. What is put in its place can
 * neither hold the program nor fill its memory: a named pipe, a device and what is larger than `limit` are refused.
 * The pipe that a shell hands over (`<(command)`, /dev/stdin) is read to its end, and /dev/null is empty.
 *
 * @param limit bytes
 * @param signal ends the wait for a pipe
 * @throws UnreadableFile, the system's error, or the signal's reason
 */
export async function readSmallFile(path: string, limit: number, signal?: AbortSignal): Promise<Buffer> {
  const file = await open(path, flags);
  try {
    const found = await file.stat();
    if (found.isFile()) return await readUpTo(file, found.size, limit);
    const isNothing = found.isCharacterDevice() && (await realpath(path)) === '/dev/null';
    if (isNothing) return Buffer.alloc(0);
    if (!found.isFIFO() || !handedOver.test(path)) throw notRegular(found);
  } finally {
    await file.close();
  }
  // Not by a FileHandle: its reads block a thread that nothing can take back.
  const pipe = new Socket({ fd: openSync(path, flags), readable: true, writable: false });
  return readSmallStream(pipe, limit, signal);
}

/** As `readSmallFile`, in UTF-8; bytes that are none become U+FFFD. */
export async function readSmallText(path: string, limit: number, signal?: AbortSignal): Promise<string> {
  return (await readSmallFile(path, limit, signal)).toString('utf8');
}

/**
 * All that a stream brings, which is then destroyed.
 *
 * @param limit bytes
 * @throws UnreadableFile for more, the stream's error, or the signal's reason
 */
export async function readSmallStream(
  stream: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown },
  limit: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const stop = (): void => void stream.destroy(signal?.reason as Error);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
    signal?.throwIfAborted();
    return Buffer.concat(chunks);
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.destroy();
  }
}

/**
 * Opens a file of any size for reading.
 *
 * @throws UnreadableFile for what is no regular file, or the system's error
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, flags);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw notRegular(found);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Opening a named pipe that nobody writes to waits without O_NONBLOCK, and Ctrl-C does not end that. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** A pipe of the shell's, which has somebody at its other end. */
const handedOver = /^\/(?:dev\/(?:stdin|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** Files of /proc say that they have no bytes. */
async function readUpTo(file: FileHandle, size: number, limit: number): Promise<Buffer> {
  if (size > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  for (let length = 0; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(size - length, 0) + 1024));
    if (bytesRead === 0) return Buffer.concat(chunks);
    length += bytesRead;
    if (length > limit) throw tooLarge(limit);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

function tooLarge(limit: number): UnreadableFile {
  return new UnreadableFile(`it is larger than ${bytes(limit)}, the most that is read here`);
}

/** Says what it is instead. */
export function notRegular(found: Stats): Error {
  // As the system says it where such a thing is read.
  if (found.isDirectory()) return Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
  const kinds: readonly (readonly [boolean, string])[] = [
    [found.isFIFO(), 'a named pipe'],
    [found.isSocket(), 'a socket'],
    [found.isCharacterDevice() || found.isBlockDevice(), 'a device'],
  ];
  const kind = kinds.find(([is]) => is)?.[1] ?? 'something else';
  return new UnreadableFile(`it is ${kind} and no regular file`);
}
