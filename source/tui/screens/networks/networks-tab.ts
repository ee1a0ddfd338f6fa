import type { Listing, Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { defaultNetworkXml } from '../../../libvirt/xml/default-network-xml.js';
import { wrap } from '../../../text/width.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { keyLabel } from '../../kit/binding.js';
import { FormPane } from '../../kit/form/form-pane.js';
import type { KeyHint } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Size } from '../../kit/size.js';
import { drawTableRow, drawTableTitles, placeTable } from '../../kit/table.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { say } from '../../services/domain-action.js';
import type { Part } from '../../theme/look.js';
import { editNetwork } from './edit-network.js';
import { networkColumns, networkSummary } from './network-columns.js';
import { networkForm } from './network-form.js';
import { networkActions, runNetworkAction } from './network-keys.js';
import { NetworkPane } from './network-pane.js';

const indent = 4;
/** Lines below the list: rule and summary. */
const summaryLines = 7;
/** Where the tab is lower than this there is no summary. */
const lowest = 14;

/** The line of the table of tabs. */
export const networksTab: TabKind = {
  title: 'Networks',
  help: [
    ['↑ ↓ PgUp PgDn', 'move'],
    ['⏎', 'leases and static hosts of a network'],
    ...networkActions.map(({ key, help }) => [key, help] as const),
    ['e', 'edit the XML in your editor'],
    ['n', 'new network'],
    ['N', 'create the default network, where it is missing'],
  ],
  open: (context) => new NetworksTab(context),
};

/** The virtual networks of a connection. */
export class NetworksTab implements ConnectionTab {
  readonly #context: TabContext;
  #stop: (() => void) | undefined;
  readonly #cursor = new ListCursor();

  constructor(context: TabContext) {
    this.#context = context;
  }

  readonly shown = (visible: boolean): void => {
    const { host, connectionId } = this.#context;
    this.#stop?.();
    this.#stop = visible ? host.inventory.watchNetworks(connectionId) : undefined;
  };

  draw(connection: Connection, { columns: cells, rows }: Size): readonly string[] {
    const lines = [
      ...this.#list(connection.networks, cells, rows),
      ...this.#summary(connection, cells, rows),
    ];
    while (lines.length < rows) lines.push(' '.repeat(cells));
    return lines.slice(0, rows);
  }

  handle(event: InputEvent, connection: Connection): boolean {
    if (event.type !== 'key') return false;
    const { items } = connection.networks;
    const moved = this.#cursor.handle(event.name, items.length, (at) => items[at]?.uuid ?? '');
    return moved || this.#command(event, connection);
  }

  keys(connection: Connection): readonly KeyHint[] {
    const { look } = this.#context.host;
    const network = this.#network(connection);
    const hints: KeyHint[] = [];
    if (network !== undefined) {
      hints.push({ key: keyLabel('enter', look.glyphs.keys), label: 'open' });
      for (const { key, label, refusal } of networkActions)
        if (refusal(network) === undefined) hints.push({ key, label: label(network) });
      hints.push({ key: 'e', label: 'edit XML' });
    }
    hints.push({ key: 'n', label: 'new' });
    if (lacksDefault(connection)) hints.push({ key: 'N', label: 'create default' });
    return hints;
  }

  #command(event: KeyEvent, connection: Connection): boolean {
    const { host, connectionId } = this.#context;
    const network = this.#network(connection);
    const own: Readonly<Record<string, () => void>> = {
      n: () => host.panes.open(new FormPane({ ...host, form: networkForm(host, connection) })),
      N: () => this.#createDefault(connection),
    };
    own[event.name]?.();
    if (Object.hasOwn(own, event.name)) return true;
    const action = networkActions.find(({ key }) => key === event.name);
    const isKey = action !== undefined || event.name === 'enter' || event.name === 'e';
    if (network === undefined || !isKey) return isKey && connection.status.state === 'connected';
    if (action !== undefined) runNetworkAction(host, connectionId, network, action, event);
    else if (event.name === 'enter') host.panes.open(new NetworkPane(this.#context, network.uuid));
    else void editNetwork(host, connectionId, network);
    return true;
  }

  #createDefault(connection: Connection): void {
    const { host, connectionId } = this.#context;
    if (!lacksDefault(connection)) {
      say(host, { level: 'warning', text: 'There is a network default already.' });
      return;
    }
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

  #list(listing: Listing<Network>, cells: number, height: number): string[] {
    const { look } = this.#context.host;
    const { items } = listing;
    const room = height - (height > lowest ? summaryLines + 1 : 1);
    const [from, to] = this.#cursor.settle(items.length, room, (at) => items[at]?.uuid ?? '');
    const table = placeTable(networkColumns, cells, indent);
    const lines = [drawTableTitles(table, look)];
    if (items.length === 0) return [...lines, ...this.#nothing(listing, cells)];
    for (const [i, network] of items.slice(from, to).entries()) {
      const selected = from + i === this.#cursor.at;
      const symbol: Part = network.active ? [look.glyphs.state[1], 'good'] : [look.glyphs.state[5], 'faint'];
      lines.push(drawTableRow(table, network, [['  '], symbol, [' ']], { selected }, look));
    }
    while (lines.length < room + 1) lines.push(' '.repeat(cells));
    return lines;
  }

  #nothing({ state, error }: Listing<Network>, cells: number): string[] {
    const { look } = this.#context.host;
    const texts: Readonly<Record<typeof state, readonly string[]>> = {
      unread: [`Reading the networks${look.glyphs.pending}`],
      ready: ['There is no network.', 'N creates the default one, as libvirt installs it; n any other.'],
      unsupported: ['This hypervisor has no virtual networks.'],
      failed: [`The networks could not be read: ${error?.message ?? ''}`, error?.hint ?? ''],
    };
    return texts[state]
      .flatMap((text) => wrap(look.text(text), cells - indent))
      .map((line) => look.line([[' '.repeat(indent)], [line]], cells));
  }

  #summary(connection: Connection, cells: number, height: number): string[] {
    const { look } = this.#context.host;
    if (height <= lowest) return [];
    const network = this.#network(connection);
    const { state, error } = connection.networks;
    const lines = network === undefined ? [] : networkSummary(network, connection);
    const trouble: Part[][] =
      state === 'failed'
        ? [[[`These are old: ${error?.message ?? 'they could not be read'}`, 'warning']]]
        : [];
    const offer: Part[][] = lacksDefault(connection)
      ? [[['N', 'key'], [' creates the network default (virbr0, 192.168.122.0/24, DHCP .2 to .254, NAT)']]]
      : [];
    return [
      look.rule(cells),
      ...[...trouble, ...offer, ...lines].slice(0, summaryLines - 1).map((parts) => look.line(parts, cells)),
    ];
  }

  #network({ networks: { items } }: Connection): Network | undefined {
    return items.find(({ uuid }) => uuid === this.#cursor.key) ?? items[this.#cursor.at];
  }
}

/** There are networks to be had, and the one that libvirt installs is not among them. */
function lacksDefault({ networks: { state, items } }: Connection): boolean {
  return state === 'ready' && !items.some(({ name }) => name === 'default');
}
