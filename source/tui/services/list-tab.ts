import type { Listing } from '../../inventory/object-types.js';
import type { Connection } from '../../inventory/types.js';
import type { SafeText } from '../../text/safe.js';
import type { Binding } from '../kit/binding.js';
import { type ListOptions, ListPane } from '../kit/list-pane.js';
import { oldWarning, whyEmpty } from '../kit/listing.js';
import type { Size } from '../kit/size.js';
import type { Look } from '../theme/look.js';
import type { ConnectionTab, TabContext, TabKind } from './connection-tab.js';
import { connectionOf } from './live-connection.js';

/** What a tab is on, as it is now. */
export interface OnHost extends TabContext {
  readonly connection: Connection;
}

/** A tab that lists objects of a host, all of it. */
export interface ListTabKind<T> extends Pick<ListOptions<T>, 'columns' | 'symbol'> {
  readonly title: string;
  /** Begins to watch the objects, while they are in view. */
  readonly watch: (context: TabContext) => () => void;
  readonly listing: (connection: Connection) => Listing<T>;
  /** "networks", and what a driver without them lacks: "virtual networks". */
  readonly objects: readonly [objects: string, lacking: string];
  /** What to say, and to do, where there are none. */
  readonly none: readonly string[];
  /** Of the selected one, below the list. */
  readonly facts: (
    connection: Connection,
    item: T | undefined,
    cells: number,
    look: Look,
  ) => readonly SafeText[];
  /** Its keys, most useful first. */
  readonly bindings: (context: OnHost, item: T | undefined) => readonly Binding[];
}

const factLines = 6;

/** The line of the table of tabs for a list of objects. */
export function listTab<T extends { readonly uuid: string }>(kind: ListTabKind<T>): TabKind {
  return { title: kind.title, open: (context) => new ListTab(context, kind) };
}

class ListTab<T extends { readonly uuid: string }> implements ConnectionTab {
  readonly #context: TabContext;
  readonly #kind: ListTabKind<T>;
  readonly #list: ListPane<T>;
  #stop: (() => void) | undefined;

  constructor(context: TabContext, kind: ListTabKind<T>) {
    this.#context = context;
    this.#kind = kind;
    const { look } = context.host;
    const { columns, symbol } = kind;
    const unread: Listing<T> = { state: 'unread', items: [], error: undefined };
    const listing = (): Listing<T> => {
      const connection = connectionOf(context);
      return connection === undefined ? unread : kind.listing(connection);
    };
    this.#list = new ListPane({
      items: () => listing().items,
      keyOf: ({ uuid }) => uuid,
      columns,
      symbol,
      empty: () => whyEmpty(listing(), kind.objects, kind.none, look),
      facts: {
        lines: factLines,
        draw: (item, cells) => {
          const connection = connectionOf(context);
          const old = oldWarning(listing()).map((parts) => look.line(parts, cells));
          return connection === undefined ? old : [...old, ...kind.facts(connection, item, cells, look)];
        },
      },
    });
  }

  /** Objects are read while somebody looks. */
  shown(visible: boolean): void {
    this.#stop?.();
    this.#stop = visible ? this.#kind.watch(this.#context) : undefined;
  }

  draw(_connection: Connection, size: Size, now: number): readonly SafeText[] {
    return this.#list.draw(size, now, this.#context.host.look);
  }

  bindings(connection: Connection): readonly Binding[] {
    const item = this.#list.selected();
    // Away from its host the tab has nothing to act on: the keys it would hide belong to the host then.
    const idle = item === undefined && connection.status.state !== 'connected';
    return [
      ...this.#list.bindings(),
      ...(idle ? [] : this.#kind.bindings({ ...this.#context, connection }, item)),
    ];
  }
}
