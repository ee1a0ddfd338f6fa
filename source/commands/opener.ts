import { isatty } from 'node:tty';
import { createOpener } from '../hosts/opener.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { OpenOptions } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import type { SafeText } from '../text/safe.js';
import type { Ask } from '../transport/endpoint.js';
import type { KeepaliveOptions } from '../wire/keepalive.js';
import type { CommandIo } from './command.js';

interface CommandOpenOptions extends Pick<OpenOptions, 'events' | 'onStep'> {
  /** Beside the first one: it is needed to the end, and for taking back what was made, also after Ctrl-C. */
  readonly spare?: boolean;
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
  const { env, signal, keepalive } = io;
  const open = createOpener();
  const ask = hostPrompts(io);
  return async (uri: string | undefined, { spare = false, ...options }: CommandOpenOptions = {}) => {
    const patience = spare && signal?.aborted ? hurried : (keepalive ?? true);
    const given = { keepalive: patience, env, ask, signal: spare ? undefined : signal };
    const hypervisor = await open(uri, { ...options, ...given });
    if (spare) needed.add(hypervisor);
    if (signal !== undefined) endWith(hypervisor, signal);
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

function endWith(hypervisor: RemoteHypervisor, signal: AbortSignal): void {
  const end = (): void => {
    if (needed.has(hypervisor)) hypervisor.watchClosely(hurried);
    else hypervisor.abandon('cancelled');
  };
  signal.addEventListener('abort', end, { once: true });
  void hypervisor.closed.then(() => signal.removeEventListener('abort', end));
  if (signal.aborted) end();
}

/** After Ctrl-C a silent host is not waited for long. */
const hurried: KeepaliveOptions = { interval: 300, count: 3 };
