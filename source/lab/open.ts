import { parseConnectionUri } from '../libvirt/connection-uri.js';
import { type OpenOptions, openOver } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';
import { createLab, type Lab } from './lab.js';
import { labOptionsOf } from './lab-uri.js';

/**
 * A connection to a simulated host in this process: the same client as for a real one, from the handshake on.
 * Rejects with LibvirtError.
 */
export async function openLab(
  lab: Lab,
  options: OpenOptions = {},
  uri = 'lab:///',
): Promise<RemoteHypervisor> {
  // The host's name stays: in a lab's URI it is the host's own, and no way to it.
  const parsed = { ...parseConnectionUri(uri, { readOnly: options.readOnly ?? false }), name: uri };
  return openOver(lab.connect(), parsed, options);
}

/**
 * Opens `lab:` URIs, e.g. `lab:///`, `lab:///?domains=1000&seed=7&latency=50`. One URI is one host: whoever
 * opens it again, e.g. after a lost connection, finds the world as it was left.
 */
export function labOpener(
  create: typeof createLab = createLab,
): (uri: string, options?: OpenOptions) => Promise<RemoteHypervisor> {
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
