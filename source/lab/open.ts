import { parseConnectionUri } from '../libvirt/connection-uri.js';
import { toLibvirtError } from '../libvirt/remote/failures.js';
import { handshake } from '../libvirt/remote/handshake.js';
import { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import { Channel } from '../wire/channel.js';
import { createLab, type Lab } from './lab.js';
import { labOptionsOf } from './lab-uri.js';

/** The same as openHypervisor of the libvirt room takes. */
export interface OpenLabOptions {
  readonly events?: boolean;
  readonly keepalive?: boolean;
  readonly readOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** As in the libvirt room. */
const keepalive = { interval: 5000, count: 5 } as const;

/**
 * A connection to a simulated host in this process: the same client as for a real one, from the handshake on.
 * Rejects with LibvirtError.
 */
export async function openLab(
  lab: Lab,
  options: OpenLabOptions = {},
  uri = 'lab:///',
): Promise<RemoteHypervisor> {
  const channel = new Channel(lab.connect(), options.keepalive ? { keepalive } : {});
  try {
    // The host's name stays: in a lab's URI it is the host's own, and no way to it.
    const parsed = { ...parseConnectionUri(uri, { readOnly: options.readOnly ?? false }), name: uri };
    const { signal, onStep } = options;
    await handshake(channel, parsed, { keepalive: options.keepalive ?? false, signal, onStep });
    const hypervisor = new RemoteHypervisor(channel);
    if (options.events) await hypervisor.subscribe();
    return hypervisor;
  } catch (error) {
    await channel.close();
    throw toLibvirtError(error);
  }
}

/**
 * Opens `lab:` URIs, e.g. `lab:///`, `lab:///?domains=1000&seed=7&latency=50`. One URI is one host: whoever
 * opens it again, e.g. after a lost connection, finds the world as it was left.
 */
export function labOpener(
  create: typeof createLab = createLab,
): (uri: string, options?: OpenLabOptions) => Promise<RemoteHypervisor> {
  const labs = new Map<string, Lab>();
  return async (uri, options = {}) => {
    let lab = labs.get(uri);
    if (lab === undefined) {
      lab = create(labOptionsOf(uri));
      labs.set(uri, lab);
    }
    return openLab(lab, options, uri);
  };
}

/** True for the URIs that `labOpener` opens. */
export function isLabUri(uri: string): boolean {
  return /^lab:/i.test(uri);
}
