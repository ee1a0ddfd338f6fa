import type { Listing, Pool } from '../../../inventory/object-types.js';
import type { Connection } from '../../../inventory/types.js';
import { wrap } from '../../../text/width.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { keyLabel } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { FormPane } from '../../kit/form/form-pane.js';
import type { KeyHint } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Size } from '../../kit/size.js';
import { drawTableRow, drawTableTitles, placeTable } from '../../kit/table.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { editDefinition } from '../../services/edit-xml.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { poolActions, runPoolAction } from './pool-actions.js';
import { poolColumns, poolSymbol } from './pool-columns.js';
import { poolFacts } from './pool-facts.js';
import { poolForm } from './pool-form.js';
import { VolumesPane } from './volumes-pane.js';

const indent = 4;
/** Lines of facts below the list, and from which height on there is room for them. */
const factLines = 6;
const roomy = 14;

/** The storage pools of a connection: a tab of its screen. */
export class StorageTab implements ConnectionTab {
  readonly #options: TabContext;
  readonly #cursor = new ListCursor();
  #stop: (() => void) | undefined;

  constructor(options: TabContext) {
    this.#options = options;
  }

  /** Pools are read while somebody looks. */
  shown(visible: boolean): void {
    const { host, connectionId } = this.#options;
    this.#stop?.();
    this.#stop = visible ? host.inventory.watchPools(connectionId) : undefined;
  }

  close(): void {
    this.shown(false);
  }

  draw(connection: Connection, size: Size): readonly string[] {
    const { look } = this.#options.host;
    const { pools } = connection;
    const cells = size.columns;
    const below = size.rows >= roomy ? factLines + 1 : 0;
    const height = Math.max(1, size.rows - 1 - below);
    const { items } = pools;
    const [from, to] = this.#cursor.settle(items.length, height, (at) => items[at]?.uuid ?? '');
    const table = placeTable(poolColumns, cells, indent);
    const rows = items
      .slice(from, to)
      .map((pool, at) =>
        drawTableRow(
          table,
          pool,
          [['  '], poolSymbol(pool, look), [' ']],
          { selected: from + at === this.#cursor.at },
          look,
        ),
      );
    const lines = [drawTableTitles(table, look), ...rows];
    if (items.length === 0) lines.push(...this.#nothing(pools, cells));
    const blank = ' '.repeat(cells);
    while (lines.length < height + 1) lines.push(blank);
    if (below > 0) lines.push(look.rule(cells), ...this.#facts(pools, cells));
    while (lines.length < size.rows) lines.push(blank);
    return lines.slice(0, size.rows);
  }

  handle(event: InputEvent, connection: Connection): boolean {
    if (event.type !== 'key') return false;
    const { items } = connection.pools;
    if (this.#cursor.handle(event.name, items.length, (at) => items[at]?.uuid ?? '')) return true;
    const usable = connection.status.state === 'connected';
    if (event.name === 'n' && usable && connection.pools.state !== 'unsupported') {
      const { host, connectionId } = this.#options;
      host.panes.open(new FormPane({ ...host, form: poolForm(host, connectionId, items) }));
      return true;
    }
    const pool = this.#pool(connection);
    return pool !== undefined && usable && this.#command(event, pool);
  }

  keys(connection: Connection): readonly KeyHint[] {
    const { look } = this.#options.host;
    const pool = this.#pool(connection);
    if (connection.status.state !== 'connected' || connection.pools.state === 'unsupported') return [];
    const hints: KeyHint[] = [];
    if (pool !== undefined) {
      hints.push({ key: keyLabel('enter', look.glyphs.keys), label: 'volumes' });
      for (const { key, label, refusal } of poolActions)
        if (refusal(pool) === undefined) hints.push({ key, label: label(pool) });
      hints.push({ key: 'e', label: 'edit XML' });
    }
    return [...hints, { key: 'n', label: 'new' }];
  }

  #command(event: KeyEvent, pool: Pool): boolean {
    const { host, connectionId } = this.#options;
    const action = poolActions.find(({ key }) => key === event.name);
    if (action !== undefined) runPoolAction({ host, connectionId, pool }, action, event);
    else if (event.name === 'enter')
      host.panes.open(new VolumesPane({ host, connectionId, uuid: pool.uuid }));
    else if (event.name === 'e') void editPool(host, connectionId, pool);
    else return false;
    return true;
  }

  #pool({ pools }: Connection): Pool | undefined {
    return pools.items.find(({ uuid }) => uuid === this.#cursor.key) ?? pools.items[this.#cursor.at];
  }

  #facts({ items, state, error }: Listing<Pool>, cells: number): string[] {
    const { look } = this.#options.host;
    const pool = items[this.#cursor.at];
    const old =
      state === 'failed' && items.length > 0
        ? [
            look.line(
              [[`These are old: ${error?.message ?? 'the pools could not be read'}`, 'warning']],
              cells,
            ),
          ]
        : [];
    return [...old, ...(pool === undefined ? [] : drawFacts(poolFacts(pool), cells, look))].slice(
      0,
      factLines,
    );
  }

  #nothing({ state, error }: Listing<Pool>, cells: number): string[] {
    const { look } = this.#options.host;
    const texts: Readonly<Record<typeof state, readonly string[]>> = {
      unread: [`Reading the pools${look.glyphs.pending}`],
      ready: ['There is no storage pool.', 'n makes one: a directory, a volume group, an export.'],
      unsupported: ['This hypervisor has no storage pools.'],
      failed: [`The pools could not be read: ${error?.message ?? ''}`, error?.hint ?? ''],
    };
    return texts[state]
      .flatMap((text) => wrap(look.text(text), Math.max(1, cells - indent)))
      .map((line) => look.line([[' '.repeat(indent)], [line]], cells));
  }
}

/** Keys of the tab for the help screen, and how it is made: a line of the table of tabs. */
export const storageTab: TabKind = {
  title: 'Storage',
  help: [
    ['Enter', 'the volumes of a pool'],
    ...poolActions.map(({ key, help }) => [key, help] as const),
    ['e', "edit a pool's XML in your editor"],
    ['n', 'new pool'],
  ],
  open: (context) => new StorageTab(context),
};

/** Lets a person edit the definition of a pool for its next start. */
export function editPool(
  host: ScreenHost,
  connectionId: string,
  { name, uuid, persistent }: Pool,
): Promise<void> {
  return editDefinition(host, connectionId, {
    title: `pool ${name}`,
    on: { kind: 'pool', uuid },
    read: ({ pools }) => pools.xml({ name, uuid }, { inactive: persistent }),
    define: ({ pools }, xml) => pools.define(xml),
  });
}
