import type { Connection } from '../../../inventory/types.js';
import type { InputEvent } from '../../input/events.js';
import type { KeyHint } from '../../kit/frame.js';
import { scrolled, scrollStep } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { autoconnect } from './connection-changes.js';
import { drawOverview } from './overview-view.js';
import { savedConnection } from './saved-connection.js';

/** What the connection leads to, how it is doing, and what the host's CPUs and memory do. */
class OverviewTab implements ConnectionTab {
  readonly #context: TabContext;
  #top = 0;
  #height = 1;
  #lineCount = 0;

  constructor(context: TabContext) {
    this.#context = context;
  }

  draw(connection: Connection, size: Size, now: number): readonly string[] {
    const { host } = this.#context;
    const lines = drawOverview(connection, savedConnection(host, connection), {
      look: host.look,
      size,
      now,
      interval: host.inventory.store.getState().interval,
    });
    this.#height = size.rows;
    this.#lineCount = lines.length;
    // It may have become shorter, e.g. when an error is over.
    this.#top = scrolled(this.#top, 0, lines.length, size.rows);
    const blank = ' '.repeat(size.columns);
    return Array.from({ length: size.rows }, (_, at) => lines[this.#top + at] ?? blank);
  }

  handle(event: InputEvent, connection: Connection): boolean {
    if (event.type !== 'key') return true;
    const step = scrollStep(event.name, Math.max(1, this.#height - 1));
    if (step !== undefined) this.#top = scrolled(this.#top, step, this.#lineCount, this.#height);
    else if (event.name === 'A') autoconnect(this.#context.host, connection);
    else return false;
    return true;
  }

  keys(connection: Connection): readonly KeyHint[] {
    const { host } = this.#context;
    const { down } = host.look.glyphs.keys;
    const more = this.#top + this.#height < this.#lineCount ? [{ key: down, label: 'more' }] : [];
    const saved = savedConnection(host, connection);
    return [...more, { key: 'A', label: saved?.autoconnect === true ? 'autoconnect off' : 'autoconnect' }];
  }
}

export const overviewTab: TabKind = {
  title: 'Overview',
  help: [
    ['A', 'autoconnect on or off'],
    ['j k PgUp PgDn', 'scroll'],
  ],
  open: (context) => new OverviewTab(context),
};
