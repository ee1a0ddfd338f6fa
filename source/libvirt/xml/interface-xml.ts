import { attributesOf, copyOfParts } from './copy-element.js';
import { attribute, children, type Element, parseRoot } from './element.js';
import { document, element, type Markup } from './write.js';

/** A network and the bridge that libvirt makes for it. */
export interface NetworkBridge {
  readonly name: string;
  readonly bridge: string;
}

/** An interface that is plugged into a network, as XML for `virsh update-device`. */
export interface PluggedInterface {
  readonly own: string;
  /** The same one, plugged into the same bridge by its other name: a change for libvirt, none for the guest. */
  readonly detour: string;
}

/** The interfaces of a running domain on a network, by the network's name or its bridge. Throws for no domain. */
export function interfacesOn(domainXml: string, network: NetworkBridge): readonly PluggedInterface[] {
  const devices = children(parseRoot(domainXml, 'domain'), 'devices')[0];
  return children(devices, 'interface').flatMap((one): PluggedInterface[] => {
    const source = children(one, 'source')[0];
    const byName = attribute(one, 'type') === 'network' && attribute(source, 'network') === network.name;
    const byBridge = attribute(one, 'type') === 'bridge' && attribute(source, 'bridge') === network.bridge;
    if (!byName && !byBridge) return [];
    const other = byName
      ? withSource(one, 'bridge', element('source', { bridge: network.bridge }))
      : withSource(one, 'network', element('source', { network: network.name }));
    return [
      {
        own: document(
          element(
            'interface',
            attributesOf(one),
            copyOfParts(one, () => true),
          ),
        ),
        detour: other,
      },
    ];
  });
}

function withSource(one: Element, type: string, source: Markup): string {
  const rest = copyOfParts(one, (name) => name !== 'source');
  return document(element('interface', { ...attributesOf(one), type }, [source, ...rest]));
}
