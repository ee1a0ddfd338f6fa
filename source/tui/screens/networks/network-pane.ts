import { type NetworkGuest, readNetworkGuests } from '../../../inventory/network-guests.js';
import type { Network } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { type StaticHost, staticHostXml } from '../../../libvirt/xml/network-xml.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import type { Form } from '../../kit/form/form.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { drawTableRow, drawTableTitles, placeTable } from '../../kit/table.js';
import type { TabContext } from '../../services/connection-tab.js';
import { say } from '../../services/domain-action.js';
import { connectionOf } from '../../services/live-connection.js';
import { type AddressRow, addressColumns, addressRows, emptyText } from './address-rows.js';
import { editNetwork } from './edit-network.js';
import { networkSummary } from './network-columns.js';
import { networkActions, runNetworkAction } from './network-keys.js';
import { staticHostForm } from './static-host-form.js';

const indent = 2;
/** Header, rule, facts, rule, titles, notice, footer. */
const factLines = 6;
const chrome = 6 + factLines;

/** One network: its facts, who has an address on it, and which addresses are kept for whom. */
export class NetworkPane implements Pane {
  readonly help: Pane['help'] = [
    ['↑ ↓ PgUp PgDn', 'move'],
    ['p', 'pin the lease: keep its address for this guest'],
    ['n', 'new static DHCP host'],
    ['x', 'remove the static host'],
    ...networkActions.map(({ key, help }) => [key, help] as const),
    ['e', 'edit the XML in your editor'],
    ['Esc', 'back'],
  ];
  readonly #context: TabContext;
  readonly #uuid: string;
  readonly #stop: () => void;
  readonly #cursor = new ListCursor();
  /** Interfaces of running domains, wherever they are plugged in. */
  #guests: readonly NetworkGuest[] = [];
  #rows: readonly AddressRow[] = [];
  #rowsMadeOf: readonly unknown[] = [];
  /** The list of domains that they were read for. */
  #guestsOf: number | undefined;

  constructor(context: TabContext, uuid: string) {
    this.#context = context;
    this.#uuid = uuid;
    this.#stop = context.host.inventory.watchNetworks(context.connectionId);
  }

  readonly gone = (): boolean => this.#network() === undefined;

  close(): void {
    this.#stop();
  }

  draw(size: Size, now: number): readonly string[] {
    const network = this.#network();
    const connection = this.#connection();
    if (network === undefined || connection === undefined) return [];
    const { look, inventory, ui } = this.#context.host;
    const cells = size.columns;
    this.#readGuests(connection);
    const rows = this.#rowsOf(network, connection);
    const [, ...facts] = networkSummary(network, connection, []);
    const height = Math.max(1, size.rows - chrome);
    const table = placeTable(addressColumns(now), cells, indent);
    const keyOf = (at: number): string => rows[at]?.key ?? '';
    const [from, to] = this.#cursor.settle(rows.length, height, keyOf);
    const list = rows
      .slice(from, to)
      .map((row, i) => drawTableRow(table, row, [['  ']], { selected: from + i === this.#cursor.at }, look));
    if (rows.length === 0) list.push(look.line([['  '], [emptyText(network), 'faint']], cells));
    while (list.length < height) list.push(' '.repeat(cells));
    const state = network.active ? (['active', 'good'] as const) : (['inactive', 'faint'] as const);
    const blank = ' '.repeat(cells);
    return [
      look.spread([[`network ${network.name}`, 'title'], [`   on ${connection.name}`]], [state], cells),
      look.rule(cells),
      ...Array.from({ length: factLines }, (_, i) => {
        const parts = facts[i];
        return parts === undefined ? blank : look.line(parts, cells);
      }),
      look.rule(cells),
      drawTableTitles(table, look),
      ...list,
      drawNotice(inventory.store.getState(), ui.getState(), cells, 1, look)[0] ?? '',
      drawKeys(this.#keys(network, rows), cells, look),
    ].slice(0, size.rows);
  }

  handle(event: InputEvent): boolean {
    const network = this.#network();
    const connection = this.#connection();
    if (event.type !== 'key' || network === undefined || connection === undefined) return false;
    const rows = this.#rowsOf(network, connection);
    if (this.#cursor.handle(event.name, rows.length, (at) => rows[at]?.key ?? '')) return true;
    return this.#command(event, network, rows[this.#cursor.at]);
  }

  /** A key and a frame cost nothing while all that the rows are made of is the same. */
  #rowsOf(network: Network, connection: Connection): readonly AddressRow[] {
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
      // Who is on it is an extra: leases and static hosts are shown all the same.
      .catch(() => {});
  }

  #command(event: KeyEvent, network: Network, row: AddressRow | undefined): boolean {
    const { host, connectionId } = this.#context;
    const action = networkActions.find(({ key }) => key === event.name);
    if (action !== undefined) runNetworkAction(host, connectionId, network, action, event);
    else if (event.name === 'e') void editNetwork(host, connectionId, network);
    else if (event.name === 'n') host.panes.open(new FormPane({ ...host, form: this.#hostForm(network) }));
    else if (event.name === 'p') this.#pin(network, row);
    else if (event.name === 'x') this.#unpin(event, network, row);
    else return false;
    return true;
  }

  #pin(network: Network, row: AddressRow | undefined): void {
    const { host } = this.#context;
    if (row?.lease === undefined || row.host !== undefined || row.mac === undefined) {
      say(host, {
        level: 'warning',
        text: row?.host === undefined ? 'Select a lease to pin.' : `${row.address} is pinned already.`,
      });
      return;
    }
    const { address: ip, mac, parentIndex } = row;
    const name = row.lease.hostname;
    void this.#update(
      network,
      'add-last',
      { mac, id: undefined, name, ip },
      parentIndex,
      `${ip} is kept for ${mac}`,
    );
  }

  #unpin(event: KeyEvent, network: Network, row: AddressRow | undefined): void {
    const { host } = this.#context;
    const pinned = row?.host;
    if (row === undefined || pinned === undefined) {
      say(host, { level: 'warning', text: 'Select a static host to remove.' });
      return;
    }
    host.ui.setState({
      question: {
        title: 'Remove the static host?',
        lines: [
          `${pinned.ip} of the network ${network.name} is no longer kept for ${pinned.mac ?? pinned.id ?? pinned.name ?? 'its guest'}.`,
        ],
        yes: 'Yes',
        no: 'No',
        confirm: () =>
          void this.#update(network, 'delete', pinned, row.parentIndex, `${pinned.ip} is free again`),
        chunk: event.chunk,
        choice: 'no',
      },
    });
  }

  #update(
    { name, uuid }: Network,
    command: 'add-last' | 'delete',
    entry: StaticHost,
    parentIndex: number,
    done: string,
  ) {
    const { host, connectionId } = this.#context;
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

  #hostForm(network: Network): Form {
    return staticHostForm(network, (entry, parentIndex) =>
      this.#update(network, 'add-last', entry, parentIndex, `${entry.ip} is kept for ${entry.mac}`),
    );
  }

  #keys(network: Network, rows: readonly AddressRow[]): KeyHint[] {
    const row = rows[this.#cursor.at];
    const hints: KeyHint[] = [{ key: 'Esc', label: 'back', always: true }];
    if (row?.lease !== undefined && row.host === undefined) hints.push({ key: 'p', label: 'pin' });
    if (row?.host !== undefined) hints.push({ key: 'x', label: 'remove static host' });
    hints.push({ key: 'n', label: 'new static host' });
    for (const { key, label, refusal } of networkActions)
      if (refusal(network) === undefined) hints.push({ key, label: label(network) });
    hints.push({ key: 'e', label: 'edit XML' });
    return hints;
  }

  #network(): Network | undefined {
    return this.#connection()?.networks.items.find(({ uuid }) => uuid === this.#uuid);
  }

  #connection(): Connection | undefined {
    return connectionOf(this.#context);
  }
}
