import { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { ActionOutcome } from './action-runner.js';
import type { NetworkWatch } from './network-watch.js';
import type { PoolWatch } from './pool-watch.js';

/** Something done to a network, a pool or a volume. Texts name the object: "network default: started". */
export interface Operation {
  /** Whose row shows that it is under way; the UUID of the network or the (volume's) pool. */
  readonly on?: { readonly kind: 'network' | 'pool'; readonly uuid: string };
  /** "starting" */
  readonly pending: string;
  readonly done: string;
  /** Followed by the reason: "network default: start failed". */
  readonly failed: string;
  call(hypervisor: Hypervisor): Promise<unknown>;
}

/** What an operation needs of a connection. */
export interface OperationHost {
  readonly name: string;
  readonly hypervisor: Hypervisor | undefined;
  readonly networkWatch: NetworkWatch;
  readonly poolWatch: PoolWatch;
}

/** Does it, reads anew what it may have changed, and resolves with what happened. Never rejects. */
export async function operate(host: OperationHost, operation: Operation): Promise<ActionOutcome> {
  const { on, pending, done, failed, call } = operation;
  const { hypervisor } = host;
  if (hypervisor === undefined) return { ok: false, text: `${failed}: ${host.name} is not connected` };
  const watch = on?.kind === 'network' ? host.networkWatch : host.poolWatch;
  const end = on === undefined ? () => {} : watch.begin(on.uuid, pending);
  try {
    await call(hypervisor);
    return { ok: true, text: done };
  } catch (reason) {
    const error = reason instanceof LibvirtError ? reason : undefined;
    const why = reason instanceof Error ? reason.message : String(reason);
    return { ok: false, text: `${failed}: ${why}`, hint: error?.hint, error };
  } finally {
    end();
    // Some drivers tell no events, and no event tells of a volume.
    void host.networkWatch.refresh();
    void host.poolWatch.refresh();
  }
}
