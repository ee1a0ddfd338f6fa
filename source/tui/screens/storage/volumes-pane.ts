import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { VolumeUse } from '../../../inventory/volume-users.js';
import { count } from '../../../text/units.js';
import { wrap } from '../../../text/width.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, emptyField, fieldOf, fieldText, type TextField } from '../../input/text-field.js';
import { keyLabel } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { drawTableRow, drawTableTitles, nextSort, placeTable, type TableColumn } from '../../kit/table.js';
import { drawTyped } from '../../kit/typed-field.js';
import type { Sort } from '../../kit/ui-state.js';
import { say } from '../../services/domain-action.js';
import { connectionOf } from '../../services/live-connection.js';
import type { Part } from '../../theme/look.js';
import { poolState, usageText } from './pool-facts.js';
import { type PoolPlace, poolOf } from './storage-data.js';
import { volumeColumns } from './volume-columns.js';
import { poolCommands, volumeCommands } from './volume-commands.js';
import { volumeFacts } from './volume-facts.js';
import { VolumeRows } from './volume-rows.js';

const indent = 2;
/** Header, titles, notice, keys. */
const chrome = 4;
const factLines = 6;
const roomy = 20;
/** So many descriptions are read at once where rows are sorted by what they say; more only when asked. */
const readUnasked = 500;

/** The volumes of a pool. Thousands of them cost no more than those on the screen. */
export class VolumesPane implements Pane {
  readonly help: Pane['help'] = [
    ['↑ ↓ PgUp PgDn', 'move'],
    ['/', 'filter by name'],
    ['o O', 'sort by the next column, reverse'],
    ['R', 'read all volumes, to sort by what they say'],
    ...[...volumeCommands, ...poolCommands].map(
      ({ key, help }) => [key === 'enter' ? 'Enter' : key, help] as const,
    ),
    ['Esc', 'clear the filter, then back'],
  ];
  readonly #place: PoolPlace;
  readonly #cursor = new ListCursor();
  readonly #rows = new VolumeRows();
  readonly #stops: readonly (() => void)[];
  #columns: readonly TableColumn<Volume>[] = [];
  #use: VolumeUse | undefined;
  #sort: Sort = { column: 'name', reversed: false };
  #filter = '';
  #field: TextField | undefined;
  #readingAll = false;
  #again: NodeJS.Timeout | undefined;

  constructor(place: PoolPlace) {
    this.#place = place;
    const { inventory } = place.host;
    const { connectionId, uuid } = place;
    this.#stops = [inventory.watchPools(connectionId), inventory.watchVolumes(connectionId, uuid)];
  }

  readonly gone = (): boolean => {
    const connection = connectionOf(this.#place);
    return (
      connection === undefined || (connection.pools.state === 'ready' && poolOf(this.#place) === undefined)
    );
  };

  readonly typing = (): boolean => this.#field !== undefined;

  close(): void {
    clearTimeout(this.#again);
    for (const stop of this.#stops) stop();
  }

  draw(size: Size): readonly string[] {
    const { look, ui, inventory } = this.#place.host;
    const cells = size.columns;
    const pool = poolOf(this.#place);
    if (pool === undefined) return Array.from({ length: size.rows }, () => ' '.repeat(cells));
    this.#update(pool);
    const below = size.rows >= roomy ? factLines + 1 : 0;
    const height = Math.max(1, size.rows - chrome - below);
    const list = this.#list(pool, cells, height);
    const selected = this.#rows.at(this.#cursor.at);
    const facts =
      selected === undefined || this.#use === undefined
        ? []
        : drawFacts(volumeFacts(selected, this.#use), cells, look);
    const blank = ' '.repeat(cells);
    const details = Array.from({ length: factLines }, (_, at) => facts[at] ?? blank);
    return [
      this.#header(pool, cells),
      ...list,
      ...(below === 0 ? [] : [look.rule(cells), ...details]),
      this.#field === undefined
        ? (drawNotice(inventory.store.getState(), ui.getState(), cells, 1, look)[0] ?? blank)
        : drawTyped(this.#field, this.#countText(pool), cells, look),
      drawKeys(this.#keys(pool, selected), cells, look),
    ];
  }

  handle(event: InputEvent): boolean {
    if (this.#field !== undefined) return this.#type(event, this.#field);
    if (event.type !== 'key') return true;
    if (this.#cursor.handle(event.name, this.#rows.length, this.#rows.keyOf)) return true;
    const own: Readonly<Record<string, () => void>> = {
      '/': () => {
        this.#field = fieldOf(this.#filter);
      },
      o: () => this.#sortBy(nextSort(this.#columns, this.#sort)),
      O: () => this.#sortBy({ ...this.#sort, reversed: !this.#sort.reversed }),
      R: () => void this.#readAll(),
      ...(this.#filter !== '' && {
        escape: () => {
          this.#filter = '';
        },
      }),
    };
    const run = own[event.name];
    if (run === undefined) return this.#command(event);
    run();
    return true;
  }

  #command(event: KeyEvent): boolean {
    const pool = poolOf(this.#place);
    const volume = this.#rows.at(this.#cursor.at);
    const onPool = poolCommands.find(({ key }) => key === event.name);
    const onVolume = volumeCommands.find(({ key }) => key === event.name);
    if (pool === undefined || (onPool === undefined && onVolume === undefined)) return false;
    if (connectionOf(this.#place)?.status.state !== 'connected')
      this.#warn('The host is not connected: nothing can be done to its volumes now.');
    else if (!pool.active) this.#warn(`The pool ${pool.name} is not active: start it first.`);
    else {
      const select = (name: string): void => this.#cursor.select(name);
      const choice = { place: this.#place, pool, select };
      if (onPool !== undefined) onPool.run(choice, event);
      else if (volume !== undefined) onVolume?.run({ ...choice, volume }, event);
    }
    return true;
  }

  #warn(text: string): void {
    say(this.#place.host, { level: 'warning', text });
  }

  #type(event: InputEvent, field: TextField): boolean {
    if (event.type === 'key') {
      if (event.name === 'escape' || (event.name === 'backspace' && field.characters.length === 0)) {
        this.#field = undefined;
        this.#filter = '';
        return true;
      }
      if (event.name === 'enter') {
        this.#field = undefined;
        return true;
      }
      const moves = ['up', 'down', 'pageup', 'pagedown'];
      if (moves.includes(event.name))
        return this.#cursor.handle(event.name, this.#rows.length, this.#rows.keyOf);
    }
    this.#field = editField(field, event) ?? field;
    this.#filter = fieldText(this.#field ?? emptyField);
    return true;
  }

  #sortBy(sort: Sort): void {
    this.#sort = sort;
    const chosen = this.#columns.find(({ id }) => id === sort.column);
    if (chosen?.order?.value === undefined) return;
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

  #update(pool: Pool): void {
    const { host } = this.#place;
    const use = this.#place.host.volumeUsers(this.#place.connectionId).look();
    if (use !== this.#use) {
      this.#use = use;
      this.#columns = volumeColumns(use);
    }
    const column = this.#columns.find(({ id }) => id === this.#sort.column);
    this.#rows.update(pool.volumes.items, {
      filter: this.#filter,
      value: column?.order?.value,
      reversed: this.#sort.reversed,
    });
    clearTimeout(this.#again);
    if (this.#rows.unfinished) this.#again = setTimeout(() => host.redraw(), 10);
  }

  #list(pool: Pool, cells: number, height: number): string[] {
    const { host, connectionId, uuid } = this.#place;
    const { look } = host;
    const [from, to] = this.#cursor.settle(this.#rows.length, height, this.#rows.keyOf);
    const volumes = Array.from({ length: to - from }, (_, at) => this.#rows.at(from + at) as Volume);
    // Only what is drawn is asked for.
    host.inventory.wantVolumes(
      connectionId,
      uuid,
      volumes.map(({ name }) => name),
    );
    const table = placeTable(this.#columns, cells, indent);
    const rows = volumes.map((volume, at) =>
      drawTableRow(table, volume, [['  ']], { selected: from + at === this.#cursor.at }, look),
    );
    if (rows.length === 0) rows.push(...this.#nothing(pool, cells).slice(0, height));
    while (rows.length < height) rows.push(' '.repeat(cells));
    return [drawTableTitles(table, look, this.#sort), ...rows];
  }

  #header(pool: Pool, cells: number): string {
    const { look } = this.#place.host;
    const state: Part[] = pool.pending === undefined ? [] : [[`  ${pool.pending}`, 'accent']];
    if (!pool.active) state.push([`  ${poolState(pool)}`, 'warning']);
    if (this.#readingAll) state.push([`  reading all${look.glyphs.pending}`, 'accent']);
    const filter: Part[] =
      this.#filter !== '' && this.#field === undefined ? [[`  /${this.#filter}`, 'accent']] : [];
    const left: Part[] = [[pool.name, 'title'], [`  ${this.#countText(pool)}`], ...filter, ...state];
    return look.spread(left, cells < 60 ? [] : [[usageText(pool), 'faint']], cells);
  }

  #countText({ volumes }: Pool): string {
    const all = count(volumes.items.length, 'volume');
    return this.#filter === '' ? all : `${this.#rows.length} of ${all}`;
  }

  #nothing(pool: Pool, cells: number): string[] {
    const { look } = this.#place.host;
    const { state, error } = pool.volumes;
    const texts: Readonly<Record<typeof state, readonly string[]>> = {
      unread: [`Reading the volumes${look.glyphs.pending}`],
      ready: [this.#filter === '' ? 'There is no volume. n makes one, u uploads one.' : 'No name matches.'],
      unsupported: ['This hypervisor has no volumes.'],
      failed: [`The volumes could not be read: ${error?.message ?? ''}`, error?.hint ?? ''],
    };
    const shown = pool.active ? texts[state] : [`The pool is ${poolState(pool)}: its volumes are not known.`];
    return shown
      .flatMap((text) => wrap(look.text(text), Math.max(1, cells - indent)))
      .map((line) => look.line([[' '.repeat(indent)], [line]], cells));
  }

  #keys(pool: Pool, volume: Volume | undefined): KeyHint[] {
    const { keys } = this.#place.host.look.glyphs;
    if (this.#field !== undefined) {
      return [
        { key: keyLabel('enter', keys), label: 'keep the filter' },
        { key: 'Esc', label: 'clear it' },
      ];
    }
    const hint = ({ key, label }: { readonly key: string; readonly label: string }): KeyHint => ({
      key: keyLabel(key, keys),
      label,
    });
    const usable = pool.active && connectionOf(this.#place)?.status.state === 'connected';
    return [
      { key: 'Esc', label: 'back', always: true },
      ...(usable && volume !== undefined ? volumeCommands.map(hint) : []),
      ...(usable ? poolCommands.map(hint) : []),
      { key: '/', label: 'filter' },
      { key: 'o', label: 'sort' },
    ];
  }
}
