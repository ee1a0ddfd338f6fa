import { isLabUri } from '../lab/lab-uri.js';
import { type OpenOptions, openHypervisor } from '../libvirt/open.js';
import type { RemoteHypervisor } from '../libvirt/remote/remote-hypervisor.js';

export type Opener = (uri: string | undefined, options?: OpenOptions) => Promise<RemoteHypervisor>;

/**
 * What opens every URI of this program: `lab:` ones on simulated hosts of this process, all others as
 * libvirt would. The lab is loaded only when one is asked for.
 */
export function createOpener(): Opener {
  let lab: Promise<Opener> | undefined;
  return async (uri, options) => {
    if (uri === undefined || !isLabUri(uri)) return openHypervisor(uri, options);
    lab ??= import('../lab/open.js').then(({ labOpener }) => labOpener() as Opener);
    return (await lab)(uri, options);
  };
}
