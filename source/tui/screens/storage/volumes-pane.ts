import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { VolumeUse } from '../../../inventory/volume-users.js';
import type { SafeText } from '../../../text/safe.js';
import { count } from '../../../text/units.js';
import { spaces } from '../../../text/width.js';
import type { InputEvent } from '../../input/events.js';
import { type Binding, bind } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { filterHints } from '../../kit/filter.js';
import { drawFrame } from '../../kit/frame.js';
import { ListPane } from '../../kit/list-pane.js';
import { whyEmpty } from '../../kit/listing.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import type { TableColumn } from '../../kit/table.js';
import { backBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import { say } from '../../services/messages.js';
import type { Part } from '../../theme/look.js';
import { poolState, usageText } from './pool-facts.js';
import { type PoolPlace, poolOf, watchPool } from './storage-data.js';
import { volumeColumns } from './volume-columns.js';
import { newVolumeBindings, volumeBindings } from './volume-commands.js';
import { factsOf, isDescribed, volumeFacts } from './volume-facts.js';

/** Sorting by values in descriptions reads this many at once, and more only on request. */
const readUnasked = 500;

/** The volumes of a pool. Thousands of them cost no more than those on the screen. */
export class VolumesPane implements Pane {
  readonly #place: PoolPlace;
  readonly #list: ListPane<Volume>;
  #stops: readonly (() => void)[] = [];
  #columns: readonly TableColumn<Volume>[] = [];
  #use: VolumeUse | undefined;
  #readingAll = false;
  #again: NodeJS.Timeout | undefined;

  constructor(place: PoolPlace) {
    this.#place = place;
    const { look } = place.host;
    this.#list = new ListPane<Volume>({
      items: () => poolOf(place)?.volumes.items ?? [],
      keyOf: ({ name }) => name,
      columns: () => this.#columnsNow(),
      empty: () => this.#nothing(),
      facts: {
        lines: 6,
        draw: (volume, cells) =>
          volume === undefined || this.#use === undefined
            ? []
            : drawFacts(volumeFacts(volume, this.#use), cells, look),
      },
      search: {
        help: 'filter by name',
        nameOf: ({ name }) => name,
        reader: { isRead: isDescribed, of: factsOf },
        sorted: (by) => this.#sorted(by),
      },
    });
  }

  readonly gone = (): boolean => {
    const connection = connectionOf(this.#place);
    return (
      connection === undefined || (connection.pools.state === 'ready' && poolOf(this.#place) === undefined)
    );
  };

  readonly typing = (): boolean => this.#list.typing();

  readonly shown = (visible: boolean): void => {
    clearTimeout(this.#again);
    for (const stop of this.#stops) stop();
    this.#stops = visible ? watchPool(this.#place) : [];
  };

  readonly bindings = (): readonly Binding[] => {
    const { host } = this.#place;
    const pool = poolOf(this.#place);
    const volume = this.#list.selected();
    const select = (name: string): void => this.#list.select(name);
    const choice = pool && { place: this.#place, pool, select };
    const [move, ...searching] = this.#list.bindings();
    return [
      ...(move === undefined ? [] : [move]),
      ...bind(volumeBindings, choice && volume && { ...choice, volume }, 'Select a volume first.'),
      ...bind(newVolumeBindings, choice),
      ...searching,
      { keys: ['R'], help: 'read all volumes, to sort by what they say', run: () => void this.#readAll() },
      backBinding(host),
    ];
  };

  draw(size: Size, now: number): readonly SafeText[] {
    const { host } = this.#place;
    const { look } = host;
    const cells = size.columns;
    const pool = poolOf(this.#place);
    if (pool === undefined) return Array.from({ length: size.rows }, () => spaces(cells));
    return drawFrame(host, size, {
      title: () => this.#title(pool, cells),
      body: (body) => this.#list.draw(body, now, look),
      instead: () => this.#list.drawField(this.#countText(pool), cells, look),
      keys: this.typing() ? filterHints(look) : screenHints(this.bindings(), look),
    });
  }

  readonly read = (): void => {
    const { host, connectionId, uuid } = this.#place;
    // Only what is drawn is asked for.
    const shown = this.#list.shown.map(({ name }) => name);
    host.inventory.wantVolumes(connectionId, uuid, shown);
    host.volumeUsers(connectionId).read();
    clearTimeout(this.#again);
    // A sort of thousands goes on a piece at a time.
    if (this.#list.unfinished) this.#again = setTimeout(host.redraw, 10);
  };

  handle(event: InputEvent): boolean {
    return this.#list.type(event);
  }

  #sorted({ order }: TableColumn<Volume>): void {
    if (order?.value === undefined) return;
    const items = poolOf(this.#place)?.volumes.items ?? [];
    const unread = items.filter(({ xml, error }) => xml === undefined && error === undefined).length;
    if (unread === 0) return;
    if (unread <= readUnasked) void this.#readAll();
    else {
      const text = `Sorted by what is known: ${unread} of ${items.length} volumes are not read. R reads them all.`;
      say(this.#place.host, { level: 'info', text });
    }
  }

  /** Reads what there is to know of every volume, once at a time. */
  async #readAll(): Promise<void> {
    if (this.#readingAll) return;
    const { host, connectionId, uuid } = this.#place;
    this.#readingAll = true;
    await host.inventory.readAllVolumes(connectionId, uuid);
    this.#readingAll = false;
    host.redraw();
  }

  /** The same array until the users of the volumes change: new columns would sort the rows again. */
  #columnsNow(): readonly TableColumn<Volume>[] {
    const { use } = this.#place.host.volumeUsers(this.#place.connectionId);
    if (use !== this.#use) {
      this.#use = use;
      this.#columns = volumeColumns(use);
    }
    return this.#columns;
  }

  #title(pool: Pool, cells: number): SafeText {
    const { look } = this.#place.host;
    const state: Part[] = pool.pending === undefined ? [] : [[`  ${pool.pending}`, 'accent']];
    if (!pool.active) state.push([`  ${poolState(pool)}`, 'warning']);
    if (this.#readingAll) state.push([`  reading all${look.glyphs.pending}`, 'accent']);
    const { filter } = this.#list;
    const filtered: Part[] = filter !== '' && !this.typing() ? [[`  /${filter}`, 'accent']] : [];
    const left: Part[] = [[pool.name, 'title'], [`  ${this.#countText(pool)}`], ...filtered, ...state];
    return look.spread(left, cells < 60 ? [] : [[usageText(pool), 'faint']], cells);
  }

  #countText({ volumes }: Pool): string {
    const all = count(volumes.items.length, 'volume');
    return this.#list.filter === '' ? all : `${this.#list.length} of ${all}`;
  }

  #nothing(): readonly string[] {
    const { look } = this.#place.host;
    const pool = poolOf(this.#place);
    if (pool === undefined) return [];
    if (!pool.active) return [`The pool is ${poolState(pool)}: its volumes are not known.`];
    const none =
      this.#list.filter === '' ? 'There is no volume. n makes one, u uploads one.' : 'No name matches.';
    return whyEmpty(pool.volumes, ['volumes', 'volumes'], [none], look);
  }
}
