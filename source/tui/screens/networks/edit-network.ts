import type { Network } from '../../../inventory/object-types.js';
import { editDefinition } from '../../services/edit-xml.js';
import type { ScreenHost } from '../../services/screen-host.js';

/** Lets a person edit the definition of a network for its next start. */
export function editNetwork(
  host: ScreenHost,
  connectionId: string,
  { name, uuid, persistent }: Network,
): Promise<void> {
  return editDefinition(host, connectionId, {
    title: `network ${name}`,
    on: { kind: 'network', uuid },
    read: ({ networks }) => networks.xml({ name, uuid }, { inactive: persistent }),
    define: ({ networks }, xml) => networks.define(xml),
  });
}
