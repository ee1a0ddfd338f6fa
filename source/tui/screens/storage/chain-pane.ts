import type { HostVolumes } from '../../../provision/volume-holders.js';
import type { SafeText } from '../../../text/safe.js';
import type { Binding } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import { ListPane } from '../../kit/list-pane.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { backBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import type { Part } from '../../theme/look.js';
import { type ChainRow, chainRows } from './chain-rows.js';
import { type PoolPlace, poolOf, readHost } from './storage-data.js';
import type { VolumeLink } from './volume-facts.js';

/** What a volume stands on and what stands on it, as a tree over all pools. */
export class ChainPane implements Pane {
  readonly #place: PoolPlace;
  readonly #list = new ListPane<ChainRow>({
    items: () => this.#tree(),
    keyOf: ({ link, name }) => keyOf(link?.pool, name),
    columns: { line: chainLine },
    empty: () => [this.#nothing()],
  });
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

  readonly bindings = (): readonly Binding[] => [
    ...this.#list.bindings(),
    {
      keys: ['enter'],
      help: 'the tree of the selected volume',
      label: 'its tree',
      run: () => {
        const link = this.#list.selected()?.link;
        if (link !== undefined) this.#own = { pool: link.pool, name: link.name };
      },
    },
    { keys: ['r'], help: 'read anew', label: 'read anew', run: () => void this.#read() },
    backBinding(this.#place.host),
  ];

  draw(size: Size, now: number): readonly SafeText[] {
    const { host } = this.#place;
    const { look } = host;
    const { name, pool } = this.#own;
    return drawFrame(host, size, {
      title: () =>
        look.spread(
          [['Backing chain', 'title'], [`  ${name}`], [`  ${pool}`, 'faint']],
          [[this.#status(), 'faint']],
          size.columns,
        ),
      body: (body) => this.#list.draw(body, now, look),
      keys: screenHints(this.bindings(), look),
    });
  }

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
    this.#list.select(keyOf(this.#own.pool, this.#own.name));
    this.#place.host.redraw();
  }

  #tree(): readonly ChainRow[] {
    const own = this.#link();
    if (own === undefined || this.#all === undefined) {
      this.#madeOf = [];
      return [];
    }
    const from = [own, this.#all];
    // A tree of thousands of volumes is slow to make: make it again only when something in it changes.
    if (from.some((part, at) => part !== this.#madeOf[at])) {
      this.#madeOf = from;
      this.#rows = chainRows(own, this.#all, this.#place.host.look.unicode);
    }
    return this.#rows;
  }

  #link(): VolumeLink | undefined {
    const { pool, name } = this.#own;
    const [known] = this.#madeOf as readonly [VolumeLink?];
    if (known?.pool === pool && known.name === name && this.#madeOf[1] === this.#all) return known;
    return this.#all?.links.find((link) => link.pool === pool && link.name === name);
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

/** Names are one's own within a pool only. */
function keyOf(pool: string | undefined, name: string): string {
  return `${pool ?? ''}/${name}`;
}

function chainLine({ tree, name, about, style, current }: ChainRow): readonly Part[] {
  return [
    // The volume itself is told apart by more than its style.
    [current ? '> ' : '  ', 'key'],
    [tree, 'faint'],
    [name, current ? 'heading' : style],
    [`  ${about}`, style === 'plain' ? 'faint' : style],
  ];
}
