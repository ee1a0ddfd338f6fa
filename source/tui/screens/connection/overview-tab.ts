import type { Connection } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { Binding } from '../../kit/binding.js';
import { scrollBinding, scrolled, scrollStep } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
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

  draw(connection: Connection, size: Size, now: number): readonly SafeText[] {
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
    const blank = spaces(size.columns);
    return Array.from({ length: size.rows }, (_, at) => lines[this.#top + at] ?? blank);
  }

  bindings(): readonly Binding[] {
    const more = this.#top + this.#height < this.#lineCount;
    const scroll = scrollBinding('scroll', ({ name }) => {
      const step = scrollStep(name, Math.max(1, this.#height - 1)) ?? 0;
      this.#top = scrolled(this.#top, step, this.#lineCount, this.#height);
    });
    return [more ? { ...scroll, keys: ['down', 'up', 'pageup', 'pagedown'], label: 'more' } : scroll];
  }
}

export const overviewTab: TabKind = {
  title: 'Overview',
  open: (context) => new OverviewTab(context),
};
