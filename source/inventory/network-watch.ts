import { isUnsupported, type Unsupported } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import type { NetworkListing } from '../libvirt/networks.js';
import type { Network } from './object-types.js';
import { extras, type ObjectContext, ObjectWatch } from './object-watch.js';

/** Leases come and go without an event. */
const leasesStayFor = 5000;

/** The networks of one connection, with their definitions and leases. */
export class NetworkWatch extends ObjectWatch<Network> {
  constructor(context: ObjectContext) {
    super(context, leasesStayFor);
  }

  protected async read(
    hypervisor: Hypervisor,
    publish: (items: readonly Network[]) => void,
  ): Promise<Unsupported | undefined> {
    const listed = await hypervisor.networks.list();
    if (isUnsupported(listed)) return listed;
    // The list is shown while the definitions are on their way.
    publish(listed.map((listing) => this.#known(listing)));
    publish(await Promise.all(listed.map((listing) => this.#whole(hypervisor, listing))));
    return undefined;
  }

  protected withPending(item: Network, pending: string | undefined): Network {
    return { ...item, pending };
  }

  #known(listing: NetworkListing): Network {
    const { xml, leases } = this.find(listing.uuid) ?? {};
    return { ...listing, connectionId: this.context.id, xml, leases, pending: this.pendingOf(listing.uuid) };
  }

  async #whole(hypervisor: Hypervisor, listing: NetworkListing): Promise<Network> {
    const options = { priority: 'background' } as const;
    const found = await extras({
      xml: hypervisor.networks.xml(listing, options),
      leases: listing.active ? hypervisor.networks.leases(listing, options) : undefined,
    });
    return { ...this.#known(listing), ...found };
  }
}
