import { once } from 'node:events';
import { literal, type SafeText, safe } from '../text/safe.js';
import { terminalReset } from '../text/terminal-reset.js';
import type { ByteStream } from './byte-stream.js';
import { ErrorCode, type LibvirtError } from './errors.js';
import type { DomainRef, Hypervisor } from './hypervisor.js';

/** A terminal that a guest's console is shown on: `process.stdin` and `process.stdout` fit. */
export interface ConsoleTerminal {
  readonly input: NodeJS.ReadableStream & {
    readonly isTTY?: boolean;
    setRawMode?(on: boolean): unknown;
    ref?(): unknown;
    unref?(): unknown;
  };
  readonly output: NodeJS.WritableStream;
}

/** How a console came to its end. */
export type ConsoleEnd =
  /** Ctrl-], the terminal is gone, or the caller's signal. */
  | { readonly how: 'left' }
  /** The program was told to end. */
  | { readonly how: 'signal'; readonly signal: NodeJS.Signals }
  /** The host says that there is no more. */
  | { readonly how: 'ended' }
  | { readonly how: 'failed'; readonly error: LibvirtError };

/** What leaves a console, as virsh and telnet have it. */
const escapeKey = 0x1d;

/**
 * Ctrl-] as terminals write it once a guest has asked for keys in another form: kitty's, and xterm's
 * modifyOtherKeys. Num lock and caps lock are bits of the second number.
 */
const escapeSequences: readonly RegExp[] = [
  /\u001B\[93(?::\d*)*;(?:5|69|133|197)(?::[12])?u/,
  /\u001B\[27;5;93~/,
];

const endSignals = ['SIGTERM', 'SIGHUP'] as const;

/** "Connected to domain 'web-1'. …", nearly as virsh has it. */
export function consoleGreeting({ name }: Pick<DomainRef, 'name'>): SafeText {
  return literal`Connected to domain '${safe(name)}'. Escape character is ^] (Ctrl + ])`;
}

/** libvirt gives a console to one client at a time; `force` takes it from the other. */
export function isConsoleTaken({ code, message }: LibvirtError): boolean {
  return code === ErrorCode.operationFailed && /active console session/i.test(message);
}

/**
 * Lets a person and a guest talk until one of them ends it. The terminal is in raw mode meanwhile, so that every
 * key but Ctrl-] is the guest's, and is as before afterwards, whatever the guest has done to it. The stream is
 * given up at the end. Never rejects.
 *
 * What the guest writes goes to the terminal as it is, control characters and all: that is what a serial console
 * is for, and this is the one place of the program where it is meant.
 */
export async function runConsole(
  stream: ByteStream,
  { input, output }: ConsoleTerminal,
  signal?: AbortSignal,
): Promise<ConsoleEnd> {
  let settle: (end: ConsoleEnd) => void = () => {};
  let over = false;
  const ended = new Promise<ConsoleEnd>((resolve) => {
    settle = (end) => {
      over = true;
      resolve(end);
    };
  });
  const leave = (): void => settle({ how: 'left' });
  const fail = (error: unknown): void => settle({ how: 'failed', error: error as LibvirtError });
  const told = (name: NodeJS.Signals): void => settle({ how: 'signal', signal: name });
  const typed = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = escapeAt(bytes);
    if (!over && end !== 0) stream.write(end === undefined ? bytes : bytes.subarray(0, end)).catch(fail);
    if (end !== undefined) leave();
  };
  // Not by 'data': that ends with pause(), after which process.stdin gives nothing to Ink any more.
  const read = (): void => {
    for (let chunk = input.read(); chunk !== null; chunk = input.read()) typed(chunk);
  };
  const stops = [
    listen(input, 'readable', read),
    listen(input, 'end', leave),
    listen(input, 'error', leave),
    ...endSignals.map((name) => listen(process, name, told)),
  ];
  signal?.addEventListener('abort', leave, { once: true });
  if (signal?.aborted) leave();
  input.setRawMode?.(true);
  input.ref?.();
  void show(stream, output, () => over).then(() => settle({ how: 'ended' }), fail);
  try {
    return await ended;
  } finally {
    signal?.removeEventListener('abort', leave);
    input.unref?.();
    // Of a terminal that is gone this is an error event: it is still listened to.
    input.setRawMode?.(false);
    for (const stop of stops) stop();
    output.write(terminalReset);
    // Not waited for: a host that is silent must not keep the terminal.
    void stream.abort();
  }
}

/**
 * Why a console is over that nobody has left; undefined after Ctrl-] and signals.
 *
 * @param hypervisor registered for events: a guest's console ends a moment before the guest is shut off
 * @returns the end of a sentence that begins with "the console is closed: "
 */
export async function whyConsoleEnded(
  hypervisor: Hypervisor,
  domain: DomainRef,
  end: ConsoleEnd,
): Promise<string | undefined> {
  if (end.how === 'left' || end.how === 'signal') return undefined;
  if (end.how === 'failed' && end.error.kind === 'closed')
    return `the connection to the host was lost (${end.error.message})`;
  const stopping = stopEvent(hypervisor, domain, stopPatience[end.how]);
  try {
    const { id } = await hypervisor.lookupDomain(domain.name);
    if (id !== -1 && id !== domain.id) return `${domain.name} was started anew`;
    if (id === -1 || (await stopping.seen)) return `${domain.name} is shut off`;
  } catch (error) {
    if ((error as LibvirtError).code === ErrorCode.noDomain) return `${domain.name} is gone`;
  } finally {
    stopping.end();
  }
  const message = end.how === 'failed' ? `: ${end.error.message}` : '';
  return `another client has taken it over, or the host ended it${message}`;
}

/**
 * How long a guest may take to be shut off after its console has ended, in milliseconds. libvirt notices that QEMU
 * is gone, ends what belongs to it and tells it then: a second or two. A takeover is a failure and no end.
 */
const stopPatience = { ended: 5000, failed: 1000 } as const;

/** Whether the domain is told to have stopped soon. */
function stopEvent(hypervisor: Hypervisor, { uuid }: DomainRef, patience: number) {
  let end: () => void = () => {};
  const seen = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), patience);
    const stop = hypervisor.onEvent((event) => {
      if (event.type === 'lifecycle' && event.event === 'stopped' && event.domain.uuid === uuid)
        resolve(true);
    });
    end = () => {
      clearTimeout(timer);
      stop();
    };
  });
  return { seen, end };
}

/** Where the first Ctrl-] begins; undefined where there is none. */
function escapeAt(bytes: Buffer): number | undefined {
  const text = bytes.toString('latin1');
  const places = [bytes.indexOf(escapeKey), ...escapeSequences.map((sequence) => text.search(sequence))];
  const found = places.filter((place) => place !== -1);
  return found.length === 0 ? undefined : Math.min(...found);
}

async function show(stream: ByteStream, output: NodeJS.WritableStream, over: () => boolean): Promise<void> {
  const lineFeeds = new LineFeeds();
  for await (const item of stream) {
    if (over()) return;
    // A console has no holes; they belong to the contents of volumes.
    if ('hole' in item) continue;
    if (!output.write(lineFeeds.convert(item.data))) await once(output, 'drain');
  }
}

/**
 * Node's raw mode leaves the kernel's ONLCR on: a line feed becomes a carriage return besides, where a guest's
 * program only means "one line down". A vertical tab is the same to terminals, and passes as it is.
 */
class LineFeeds {
  #afterReturn = false;

  convert(data: Uint8Array): Uint8Array {
    const converted = Uint8Array.from(data);
    for (const [at, byte] of data.entries()) {
      if (byte === 0x0a && !this.#afterReturn) converted[at] = 0x0b;
      this.#afterReturn = byte === 0x0d;
    }
    return converted;
  }
}

function listen<T>(
  emitter: Pick<NodeJS.EventEmitter, 'on' | 'off'>,
  event: string,
  listener: (value: T) => void,
): () => void {
  emitter.on(event, listener);
  return () => emitter.off(event, listener);
}
