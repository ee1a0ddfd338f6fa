import { setMaxListeners } from 'node:events';
import { isatty } from 'node:tty';
import { createOpener } from '../hosts/opener.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { OpenOptions } from '../libvirt/open.js';
import type { Hurry, RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import type { SafeText } from '../text/safe.js';
import type { Ask } from '../transport/endpoint.js';
import type { CommandIo } from './command.js';

interface CommandOpenOptions extends Pick<OpenOptions, 'events' | 'onStep'> {
  /** Beside the first one: it is needed to the end, and for taking back what was made, also after Ctrl-C. */
  readonly spare?: boolean;
  /** Called before a person is asked something. */
  readonly onAsk?: () => void;
}

/**
 * What asks a person for passphrases and passwords of hosts. Undefined where nobody is there: a script is never
 * waited for.
 */
function hostPrompts(io: CommandIo): Ask | undefined {
  if (!isatty(0) || io.stderr.isTTY !== true) return undefined;
  // Loaded only for a host that asks.
  let ask: Promise<Ask> | undefined;
  return async (prompt, signal) => {
    ask ??= import('./host-prompts.js').then(({ terminalAsk }) => terminalAsk(io));
    return (await ask)(prompt, signal);
  };
}

/** Opens the connections of a command: a host that falls silent, and Ctrl-C, end them. Rejects with LibvirtError. */
export function commandOpener(io: CommandIo) {
  const { env, signal, keepalive = true, hurry = hurried } = io;
  const open = createOpener();
  const ask = hostPrompts(io);
  // Each of many hosts listens to the one end.
  if (signal !== undefined) setMaxListeners(0, signal);
  return async (uri: string | undefined, { spare = false, onAsk, ...options }: CommandOpenOptions = {}) => {
    const asking: Ask | undefined =
      ask === undefined || onAsk === undefined
        ? ask
        : (prompt, stop) => {
            onAsk();
            return ask(prompt, stop);
          };
    const until = spare && signal !== undefined ? soonAfter(signal, hurry.call) : signal;
    const hypervisor = await open(uri, { ...options, keepalive, env, ask: asking, signal: until });
    if (spare) needed.add(hypervisor);
    if (signal !== undefined) endWith(hypervisor, signal, hurry);
    return hypervisor;
  };
}

/** Connections over which something is taken back after Ctrl-C, as long as their host gives signs of life. */
const needed = new WeakSet<Hypervisor>();

/**
 * After Ctrl-C this connection is needed for a while.
 *
 * @param left is said where it could not be waited for
 * @returns ends that
 */
export function cleanUpAtEnd({ ending }: CommandIo, hypervisor: Hypervisor, left: SafeText): () => void {
  needed.add(hypervisor);
  const settled = ending?.cleansUp(left);
  return () => {
    needed.delete(hypervisor);
    settled?.();
  };
}

function endWith(hypervisor: RemoteHypervisor, signal: AbortSignal, hurry: Hurry): void {
  const end = (): void => {
    if (needed.has(hypervisor)) hypervisor.hurry(hurry);
    else hypervisor.abandon('cancelled');
  };
  signal.addEventListener('abort', end, { once: true });
  void hypervisor.closed.then(() => signal.removeEventListener('abort', end));
  if (signal.aborted) end();
}

/** @param milliseconds after the signal's own end */
function soonAfter(signal: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController();
  const begin = (): void => void setTimeout(() => late.abort(), milliseconds).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return late.signal;
}

/** After Ctrl-C a host that is silent, or does not answer, is not waited for long. */
const hurried: Hurry = { keepalive: { interval: 300, count: 3 }, underWay: 1000, call: 2000 };
