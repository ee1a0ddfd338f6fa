import type { Network } from '../../../inventory/object-types.js';
import { describeNetwork, type NetworkDescription } from '../../../libvirt/xml/network-xml.js';

/** What a network's XML says; undefined until it is here, or where it cannot be read. */
export function factsOf(network: Network): NetworkDescription | undefined {
  const { xml } = network;
  if (xml === undefined) return undefined;
  const known = read.get(network.uuid);
  if (known?.xml === xml) return known.facts;
  const facts = attempt(xml);
  read.set(network.uuid, { xml, facts });
  return facts;
}

/** The newest XML of each network, read once and not at every frame. */
const read = new Map<string, { readonly xml: string; readonly facts: NetworkDescription | undefined }>();

function attempt(xml: string): NetworkDescription | undefined {
  try {
    return describeNetwork(xml);
  } catch {
    return undefined;
  }
}
