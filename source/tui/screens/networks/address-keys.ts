import { type StaticHost, staticHostXml } from '../../../libvirt/xml/network-xml.js';
import { ask } from '../../kit/ask.js';
import type { Binding } from '../../kit/binding.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { offline } from '../../services/live-connection.js';
import type { AddressRow } from './address-rows.js';
import type { NetworkChoice } from './network-keys.js';
import { staticHostForm } from './static-host-form.js';

/** The network and the selected line of its addresses. */
export interface AddressChoice extends NetworkChoice {
  readonly row: AddressRow | undefined;
}

/** The keys of a network's addresses. */
export const addressBindings: readonly Binding<AddressChoice>[] = [
  {
    keys: ['p'],
    help: 'pin the lease: keep its address for this guest',
    label: 'pin',
    refusal: (choice) => offline(choice) ?? unpinnable(choice),
    run: pin,
  },
  {
    keys: ['x'],
    help: 'remove the static host',
    label: 'remove static host',
    refusal: (choice) =>
      offline(choice) ?? (choice.row?.host === undefined ? 'Select a static host to remove.' : undefined),
    run: askRemove,
  },
  {
    keys: ['n'],
    help: 'new static DHCP host',
    label: 'new static host',
    refusal: offline,
    run: (choice) => {
      const { host, network } = choice;
      const form = staticHostForm(network, (entry, parentIndex) =>
        update(choice, 'add-last', entry, parentIndex, `${entry.ip} is kept for ${entry.mac}`),
      );
      host.panes.open(new FormPane({ ...host, form }));
    },
  },
];

function unpinnable({ row }: AddressChoice): string | undefined {
  if (row?.host !== undefined) return `${row.address} is pinned already.`;
  return row?.lease === undefined || row.mac === undefined ? 'Select a lease to pin.' : undefined;
}

function pin(choice: AddressChoice): void {
  const { row } = choice;
  if (row?.lease === undefined || row.mac === undefined) return;
  const { address: ip, mac, parentIndex } = row;
  const entry = { mac, id: undefined, name: row.lease.hostname, ip };
  void update(choice, 'add-last', entry, parentIndex, `${ip} is kept for ${mac}`);
}

function askRemove(choice: AddressChoice): void {
  const { host, network, row } = choice;
  const pinned = row?.host;
  if (row === undefined || pinned === undefined) return;
  const whom = pinned.mac ?? pinned.id ?? pinned.name ?? 'its guest';
  ask(host, {
    title: 'Remove the static host?',
    lines: [`${pinned.ip} of the network ${network.name} is no longer kept for ${whom}.`],
    confirm: () => void update(choice, 'delete', pinned, row.parentIndex, `${pinned.ip} is free again`),
  });
}

function update(
  { host, connectionId, network: { name, uuid } }: NetworkChoice,
  command: 'add-last' | 'delete',
  entry: StaticHost,
  parentIndex: number,
  done: string,
) {
  return host.inventory.operate(connectionId, {
    on: { kind: 'network', uuid },
    pending: 'changing',
    done: `network ${name}: ${done}`,
    failed: `network ${name}: the static host could not be ${command === 'delete' ? 'removed' : 'added'}`,
    call: ({ networks }) =>
      networks.update(
        { name, uuid },
        { command, section: 'ip-dhcp-host', parentIndex, xml: staticHostXml(entry) },
      ),
  });
}
