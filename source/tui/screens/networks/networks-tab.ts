import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { defaultNetworkXml } from '../../../libvirt/xml/default-network-xml.js';
import { type Binding, bind } from '../../kit/binding.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { listTab, type OnHost } from '../../services/list-tab.js';
import { offline } from '../../services/live-connection.js';
import type { Part } from '../../theme/look.js';
import { networkColumns, networkSummary, networkSymbol } from './network-columns.js';
import { networkForm } from './network-form.js';
import { type NetworkChoice, networkBindings } from './network-keys.js';
import { NetworkPane } from './network-pane.js';

/** The virtual networks of a connection: a line of the table of tabs. */
export const networksTab = listTab<Network>({
  title: 'Networks',
  watch: ({ host, connectionId }) => host.inventory.watchNetworks(connectionId),
  listing: ({ networks }) => networks,
  objects: ['networks', 'virtual networks'],
  none: ['There is no network.', 'N creates the default one, as libvirt installs it; n any other.'],
  columns: () => networkColumns,
  symbol: networkSymbol,
  facts: (connection, network, cells, look) =>
    [
      ...(lacksDefault(connection) ? [offer] : []),
      ...(network === undefined ? [] : networkSummary(network, connection)),
    ].map((parts) => look.line(parts, cells)),
  bindings: (context, network) => [
    ...bind([openBinding, ...networkBindings], network && { ...context, network }, 'Select a network first.'),
    ...bind(newBindings, context),
  ],
});

const offer: Part[] = [
  ['N', 'key'],
  [' creates the network default (virbr0, 192.168.122.0/24, DHCP .2 to .254, NAT)'],
];

const openBinding: Binding<NetworkChoice> = {
  keys: ['enter'],
  on: 'network',
  help: 'leases and static hosts of a network',
  label: 'open',
  run: ({ host, connectionId, network: { uuid } }) =>
    host.panes.open(new NetworkPane({ host, connectionId }, uuid)),
};

const newBindings: readonly Binding<OnHost>[] = [
  {
    keys: ['n'],
    help: 'new network',
    label: 'new',
    refusal: offline,
    run: ({ host, connection }) =>
      host.panes.open(new FormPane({ ...host, form: networkForm(host, connection) })),
  },
  {
    keys: ['N'],
    help: 'create the default network, where it is missing',
    label: 'create default',
    refusal: (context) =>
      offline(context) ??
      (lacksDefault(context.connection) ? undefined : 'There is a network default already.'),
    run: createDefault,
  },
];

function createDefault({ host, connectionId }: OnHost): void {
  void host.inventory.operate(connectionId, {
    pending: 'creating',
    done: 'network default: created, started, starts with the host',
    failed: 'network default: create failed',
    call: async ({ networks }) => {
      const made = await networks.define(defaultNetworkXml);
      await networks.setAutostart(made, true);
      await networks.start(made);
    },
  });
}

/** The driver has networks, but the one that libvirt installs is missing. */
function lacksDefault({ networks: { state, items } }: Connection): boolean {
  return state === 'ready' && !items.some(({ name }) => name === 'default');
}
