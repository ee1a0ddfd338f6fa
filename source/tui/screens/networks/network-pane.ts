import { type NetworkGuest, readNetworkGuests } from '../../../inventory/network-guests.js';
import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import { type Binding, bind } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import { ListPane } from '../../kit/list-pane.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import type { TabContext } from '../../services/connection-tab.js';
import { backBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { addressBindings } from './address-keys.js';
import { type AddressRow, addressColumns, addressRows, emptyText } from './address-rows.js';
import { networkSummary } from './network-columns.js';
import { networkBindings } from './network-keys.js';

const factLines = 6;

/** One network: its facts, who has an address on it, and which addresses are kept for whom. */
export class NetworkPane implements Pane {
  readonly #context: TabContext;
  readonly #uuid: string;
  #stop: (() => void) | undefined;
  readonly #list = new ListPane<AddressRow>({
    items: () => this.#addresses(),
    keyOf: ({ key }) => key,
    columns: addressColumns,
    empty: () => {
      const network = this.#network();
      return network === undefined ? [] : [emptyText(network)];
    },
  });
  /** Interfaces of running domains, wherever they are plugged in. */
  #guests: readonly NetworkGuest[] = [];
  #rows: readonly AddressRow[] = [];
  #rowsMadeOf: readonly unknown[] = [];
  /** The list of domains that they were read for. */
  #guestsOf: number | undefined;

  constructor(context: TabContext, uuid: string) {
    this.#context = context;
    this.#uuid = uuid;
  }

  readonly gone = (): boolean => this.#network() === undefined;

  readonly shown = (visible: boolean): void => {
    const { host, connectionId } = this.#context;
    this.#stop?.();
    this.#stop = visible ? host.inventory.watchNetworks(connectionId) : undefined;
  };

  readonly bindings = (): readonly Binding[] => {
    const network = this.#network();
    if (network === undefined) return [];
    const choice = { ...this.#context, network };
    return [
      ...this.#list.bindings(),
      ...bind(addressBindings, { ...choice, row: this.#list.selected() }),
      ...bind(networkBindings, choice),
      backBinding(this.#context.host),
    ];
  };

  draw(size: Size, now: number): readonly SafeText[] {
    const { host } = this.#context;
    const { look } = host;
    const network = this.#network();
    const connection = connectionOf(this.#context);
    if (network === undefined || connection === undefined) return [];
    const cells = size.columns;
    const state = network.active ? (['active', 'good'] as const) : (['inactive', 'faint'] as const);
    const [, ...facts] = networkSummary(network, connection, []);
    return drawFrame(host, size, {
      title: () =>
        look.spread([[`network ${network.name}`, 'title'], [`   on ${connection.name}`]], [state], cells),
      body: ({ rows }) => [
        ...Array.from({ length: factLines }, (_, at) => look.line(facts[at] ?? [], cells)),
        look.rule(cells),
        ...this.#list.draw({ columns: cells, rows: Math.max(2, rows - factLines - 1) }, now, look),
      ],
      keys: screenHints(this.bindings(), look),
    }).slice(0, size.rows);
  }

  readonly read = (): void => {
    const connection = connectionOf(this.#context);
    if (connection !== undefined) this.#readGuests(connection);
  };

  /** Made again only when something that the rows are made from has changed. */
  #addresses(): readonly AddressRow[] {
    const network = this.#network();
    const connection = connectionOf(this.#context);
    if (network === undefined || connection === undefined) return [];
    const of = [network, connection.listRevision, this.#guests];
    if (of.some((part, at) => part !== this.#rowsMadeOf[at])) {
      this.#rowsMadeOf = of;
      this.#rows = addressRows(network, connection, this.#guests);
    }
    return this.#rows;
  }

  /** Read again whenever domains have come, gone or changed their state. */
  #readGuests({ id, status, domains, listRevision }: Connection): void {
    const { inventory, redraw } = this.#context.host;
    if (status.state !== 'connected' || this.#guestsOf === listRevision) return;
    this.#guestsOf = listRevision;
    const running = [...domains.values()];
    inventory
      .ask(id, (hypervisor) => readNetworkGuests(hypervisor, running))
      .then((guests) => {
        this.#guests = guests;
        redraw();
      })
      // Knowing the guests is a bonus: leases and static hosts are shown without it.
      .catch(() => {});
  }

  #network(): Network | undefined {
    return connectionOf(this.#context)?.networks.items.find(({ uuid }) => uuid === this.#uuid);
  }
}
