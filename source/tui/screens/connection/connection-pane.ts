import type { Connection } from '../../../inventory/types.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { type Binding, footerHints } from '../../kit/binding.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { keyLabel, type Selection } from '../../kit/keymap.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { drawTabs, tabFor } from '../../kit/tabs.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { hostStatus, isStale } from '../../services/host-status.js';
import { press } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { openAddConnection } from '../add-connection/open-add-connection.js';
import { openNewVm } from '../new-vm/open-new-vm.js';
import { connect, disconnect } from './connection-changes.js';
import { connectionTabs } from './tabs-table.js';

/** Header, tabs, rule, notice, footer. */
const chrome = 5;

const paneHelp: NonNullable<Pane['help']> = [
  ['x', 'disconnect'],
  ['Enter', 'connect, where it is not connected'],
  ['r', 'refresh now'],
  ['c', 'new VM on this host'],
  ['a', 'add another connection'],
  [':', 'every action by name'],
  ['Esc', 'back'],
];

/** One connection: what it is and how it is doing; its tabs show what lies on the host. */
export class ConnectionPane implements Pane {
  readonly #context: TabContext;
  readonly #kinds: readonly TabKind[];
  readonly #tabs = new Map<number, ConnectionTab>();
  #open = 0;

  constructor(context: TabContext, kinds = connectionTabs) {
    this.#context = context;
    this.#kinds = kinds;
    this.#tab().shown?.(true);
  }

  /** Of the open tab, then of the screen. */
  get help(): NonNullable<Pane['help']> {
    const count = this.#kinds.length;
    return [
      ...(count > 1 ? ([[`Tab 1-${count}`, 'next tab, or the tab of that number']] as const) : []),
      ...(this.#kinds[this.#open]?.help ?? []),
      ...paneHelp,
    ];
  }

  readonly bindings = (): readonly Binding[] => {
    const connection = this.#connection();
    return connection === undefined ? [] : (this.#tab().bindings?.(connection) ?? []);
  };

  readonly gone = (): boolean => this.#connection() === undefined;

  readonly selection = (): Selection => {
    const connection = this.#connection();
    return connection === undefined ? { kind: 'none' } : { kind: 'host', connection };
  };

  readonly typing = (): boolean => this.#tab().typing?.() === true;

  close(): void {
    this.#tab().shown?.(false);
    for (const tab of this.#tabs.values()) tab.close?.();
  }

  draw(size: Size, now: number): readonly string[] {
    const connection = this.#connection();
    if (connection === undefined) return [];
    const { inventory, ui, look } = this.#context.host;
    const cells = size.columns;
    const state = inventory.store.getState();
    const titles = this.#kinds.map(({ title }) => title);
    const body = { columns: cells, rows: Math.max(1, size.rows - chrome) };
    return [
      this.#header(connection, cells, now),
      drawTabs(titles, this.#open, cells, look),
      look.rule(cells),
      ...this.#tab().draw(connection, body, now),
      drawNotice(state, ui.getState(), cells, 1, look)[0] ?? '',
      drawKeys(this.#keys(connection), cells, look),
    ];
  }

  handle(event: InputEvent): boolean {
    const connection = this.#connection();
    if (connection === undefined) return false;
    const open = this.#tab();
    if (this.typing()) return open.handle?.(event, connection) === true;
    const tab = tabFor(event, this.#open, this.#kinds.length);
    if (tab !== undefined) {
      this.#show(tab);
      return true;
    }
    if (open.handle?.(event, connection) === true) return true;
    if (event.type !== 'key') return false;
    return (
      press(this.#context.host, open.bindings?.(connection) ?? [], event) || this.#act(event, connection)
    );
  }

  #act(event: KeyEvent, connection: Connection): boolean {
    const { host, connectionId } = this.#context;
    const actions: Readonly<Record<string, () => void>> = {
      x: () => disconnect(host, connection),
      r: () => void host.inventory.refresh(connectionId),
      c: () => openNewVm(host, connection),
      a: () => openAddConnection(host),
      ...(connection.status.state !== 'connected' && { enter: () => connect(host, connection) }),
    };
    actions[event.name]?.();
    return Object.hasOwn(actions, event.name);
  }

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

  #header(connection: Connection, cells: number, now: number): string {
    const { look, inventory } = this.#context.host;
    const { interval } = inventory.store.getState();
    const stale = connection.stale || isStale(connection.load.updatedAt, { now, interval });
    const status = hostStatus(connection, stale, { look, now });
    // The error's words stand below, with their hint.
    const word = status.text.split(':')[0] ?? '';
    const name = [[connection.name, 'title'] as const];
    return look.spread(
      connection.uri === connection.name ? name : [...name, [`   ${connection.uri}`]],
      [word === '' ? ['connected', 'good'] : [word, status.style]],
      cells,
    );
  }

  #keys(connection: Connection): KeyHint[] {
    const { look } = this.#context.host;
    const { state } = connection.status;
    const tab = this.#tab();
    const own =
      tab.bindings === undefined ? tab.keys?.(connection) : footerHints(tab.bindings(connection), look);
    if (this.typing()) return [...(own ?? [])];
    const hints: KeyHint[] = [{ key: 'Esc', label: 'back', always: true }];
    if (this.#kinds.length > 1) hints.push({ key: 'Tab', label: 'next tab' });
    if (state === 'disconnected' || state === 'failed')
      hints.push({ key: keyLabel('enter', look.glyphs.keys), label: 'connect' });
    if (state === 'reconnecting') hints.push({ key: keyLabel('enter', look.glyphs.keys), label: 'try now' });
    hints.push(...(own ?? []));
    if (state !== 'disconnected')
      hints.push({ key: 'x', label: state === 'connected' ? 'disconnect' : 'give up' });
    if (state === 'connected') hints.push({ key: 'c', label: 'new VM' });
    hints.push({ key: 'r', label: 'refresh' }, { key: '?', label: 'help' });
    return hints;
  }

  #connection(): Connection | undefined {
    return connectionOf(this.#context);
  }
}
