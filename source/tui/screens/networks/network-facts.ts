import type { Network } from '../../../inventory/object-types.js';
import { describeNetwork, type NetworkDescription } from '../../../libvirt/xml/network-xml.js';
import { readOnce } from '../../kit/read-once.js';

/** What a network's XML says; undefined until it has been read, or where it is not valid. */
export const { of: factsOf } = readOnce<Network, NetworkDescription>(describeNetwork);
