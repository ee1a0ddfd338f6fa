import type { HostVolumes } from '../../../provision/volume-holders.js';
import type { InputEvent } from '../../input/events.js';
import { keyLabel } from '../../kit/binding.js';
import { drawKeys, drawNotice } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { connectionOf } from '../../services/live-connection.js';
import type { Part } from '../../theme/look.js';
import { type ChainRow, chainRows } from './chain-rows.js';
import { type PoolPlace, poolOf, readHost } from './storage-data.js';
import type { VolumeLink } from './volume-facts.js';

/** Header, rule, notice, keys. */
const chrome = 4;

/** What a volume stands on and what stands on it, as a tree over all pools. */
export class ChainPane implements Pane {
  readonly help = [
    ['↑ ↓', 'move'],
    ['Enter', 'the tree of the selected volume'],
    ['r', 'read anew'],
    ['Esc', 'back'],
  ] as const;
  readonly #place: PoolPlace;
  readonly #cursor = new ListCursor();
  #own: { readonly pool: string; readonly name: string };
  #all: HostVolumes<VolumeLink> | undefined;
  #reading = false;
  #failure: string | undefined;
  #rows: readonly ChainRow[] = [];
  #madeOf: readonly unknown[] = [];

  constructor(place: PoolPlace, name: string) {
    this.#place = place;
    this.#own = { pool: poolOf(place)?.name ?? '', name };
    void this.#read();
  }

  readonly gone = (): boolean => connectionOf(this.#place) === undefined;

  close(): void {}

  draw(size: Size): readonly string[] {
    const { look, ui, inventory } = this.#place.host;
    const cells = size.columns;
    const height = Math.max(1, size.rows - chrome);
    this.#rows = this.#build();
    const [from, to] = this.#cursor.settle(this.#rows.length, height, this.#keyOf);
    const lines = this.#rows.slice(from, to).map((row, at) => this.#line(row, from + at, cells));
    if (this.#rows.length === 0) lines.push(look.line([[`  ${this.#nothing()}`]], cells));
    const blank = ' '.repeat(cells);
    while (lines.length < height) lines.push(blank);
    const { enter } = look.glyphs.keys;
    return [
      look.spread(
        [['Backing chain', 'title'], [`  ${this.#own.name}`], [`  ${this.#own.pool}`, 'faint']],
        [[this.#status(), 'faint']],
        cells,
      ),
      look.rule(cells),
      ...lines,
      drawNotice(inventory.store.getState(), ui.getState(), cells, 1, look)[0] ?? blank,
      drawKeys(
        [
          { key: keyLabel('enter', { enter }), label: 'its tree' },
          { key: 'r', label: 'read anew' },
          { key: 'Esc', label: 'back', always: true },
        ],
        cells,
        look,
      ),
    ];
  }

  handle(event: InputEvent): boolean {
    if (event.type !== 'key') return true;
    if (this.#cursor.handle(event.name, this.#rows.length, this.#keyOf)) return true;
    if (event.name === 'enter') {
      const link = this.#rows[this.#cursor.at]?.link;
      if (link !== undefined) this.#own = { pool: link.pool, name: link.name };
    } else if (event.name === 'r') void this.#read();
    else return false;
    return true;
  }

  readonly #keyOf = (at: number): string => {
    const row = this.#rows[at];
    return row === undefined ? '' : `${row.link?.pool ?? ''}/${row.name}`;
  };

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      this.#all = await readHost(this.#place);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    this.#reading = false;
    const { pool, name } = this.#own;
    this.#cursor.select(`${pool}/${name}`);
    this.#place.host.redraw();
  }

  #build(): readonly ChainRow[] {
    const own = this.#link();
    if (own === undefined || this.#all === undefined) {
      this.#madeOf = [];
      return [];
    }
    const from = [own, this.#all];
    // A tree over thousands of volumes takes its time: it is made when something of it is another.
    if (from.every((part, at) => part === this.#madeOf[at])) return this.#rows;
    this.#madeOf = from;
    return chainRows(own, this.#all, this.#place.host.look.unicode);
  }

  #link(): VolumeLink | undefined {
    const { pool, name } = this.#own;
    return this.#all?.links.find((link) => link.pool === pool && link.name === name);
  }

  #line({ tree, name, about, style, current }: ChainRow, at: number, cells: number): string {
    const { look } = this.#place.host;
    const selected = at === this.#cursor.at;
    // The volume itself is told apart by more than its style.
    const parts: Part[] = [
      [current ? '> ' : '  ', 'key'],
      [tree, 'faint'],
      [name, current ? 'heading' : style],
      [`  ${about}`, style === 'plain' ? 'faint' : style],
    ];
    const line = look.line(
      parts.map(([text, own]): Part => (selected ? [text] : [text, own ?? 'plain'])),
      cells,
    );
    return selected ? look.paint('selected', line) : line;
  }

  #status(): string {
    const { pending } = this.#place.host.look.glyphs;
    if (this.#reading) return `reading the volumes of all pools${pending}`;
    const unread = this.#all?.unread.length ?? 0;
    return unread === 0 ? '' : `${unread} could not be read`;
  }

  #nothing(): string {
    if (this.#failure !== undefined) return `The volumes could not be read: ${this.#failure}`;
    return this.#all === undefined
      ? 'Reading the volumes of all pools.'
      : 'The volume is not there any more.';
  }
}
