import type { Connection } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import { type Binding, bind, layered } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { drawTabs, tabsBinding } from '../../kit/tabs.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { hostStatus, isStale, slowText } from '../../services/host-status.js';
import { backBinding, refreshBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { newVmBinding } from '../new-vm/open-new-vm.js';
import { connect } from './connection-changes.js';
import { type HostKeyContext, hostBindings } from './host-keys.js';
import { connectionTabs } from './tabs-table.js';

/** Enter, where there is something to connect. */
const connectBinding: Binding<HostKeyContext> = {
  keys: ['enter'],
  on: 'host',
  help: 'connect, or try again at once',
  label: ({ connection: { status } }) => (status.state === 'reconnecting' ? 'try now' : 'connect'),
  run: ({ host, connection }) => connect(host, connection),
};

/** One connection: what it is and how it is doing; its tabs show what lies on the host. */
export class ConnectionPane implements Pane {
  readonly #context: TabContext;
  readonly #kinds: readonly TabKind[];
  readonly #tabs = new Map<number, ConnectionTab>();
  #open = 0;

  constructor(context: TabContext, kinds = connectionTabs) {
    this.#context = context;
    this.#kinds = kinds;
  }

  readonly bindings = (): readonly Binding[] => {
    const { host, connectionId } = this.#context;
    const connection = this.#connection();
    if (connection === undefined) return [];
    const { state } = connection.status;
    const idle = state === 'connected' || state === 'connecting';
    const context = { host, connection };
    const count = this.#kinds.length;
    return layered(
      count > 1 ? [tabsBinding(this.#open, count, (tab) => this.#show(tab))] : [],
      idle ? [] : bind([connectBinding], context),
      this.#tab().bindings(connection),
      bind(hostBindings, context),
      [...bind([newVmBinding], context), refreshBinding(host, connectionId), backBinding(host)],
    );
  };

  readonly gone = (): boolean => this.#connection() === undefined;

  readonly shown = (visible: boolean): void => this.#tab().shown?.(visible);

  close(): void {
    for (const tab of this.#tabs.values()) tab.close?.();
  }

  draw(size: Size, now: number): readonly SafeText[] {
    const connection = this.#connection();
    if (connection === undefined) return [];
    const { host } = this.#context;
    const titles = this.#kinds.map(({ title }) => title);
    return drawFrame(host, size, {
      title: () => this.#title(connection, size.columns, now),
      tabs: () => drawTabs(titles, this.#open, size.columns, host.look),
      body: (body) => this.#tab().draw(connection, body, now),
      keys: screenHints(this.bindings(), host.look),
    });
  }

  readonly read = (): void => {
    const connection = this.#connection();
    if (connection !== undefined) this.#tab().read?.(connection);
  };

  #show(at: number): void {
    if (at === this.#open) return;
    this.#tab().shown?.(false);
    this.#open = at;
    this.#tab().shown?.(true);
  }

  #tab(): ConnectionTab {
    const known = this.#tabs.get(this.#open);
    if (known !== undefined) return known;
    const kind = this.#kinds[this.#open];
    if (kind === undefined) throw new RangeError(`no tab ${this.#open}`);
    const tab = kind.open(this.#context);
    this.#tabs.set(this.#open, tab);
    return tab;
  }

  #title(connection: Connection, cells: number, now: number): SafeText {
    const { look, inventory } = this.#context.host;
    const { interval } = inventory.store.getState();
    const stale = connection.stale || isStale(connection.load.updatedAt, { now, interval });
    const status = hostStatus(connection, stale, { look, now });
    // The error's words stand below, with their hint.
    const word = status.text.split(':')[0] ?? '';
    const slow = slowText(connection);
    const name = [[connection.name, 'title'] as const];
    return look.spread(
      connection.uri === connection.name ? name : [...name, [`   ${connection.uri}`]],
      [word !== '' ? [word, status.style] : slow === undefined ? ['connected', 'good'] : [slow, 'warning']],
      cells,
    );
  }

  #connection(): Connection | undefined {
    return connectionOf(this.#context);
  }
}
