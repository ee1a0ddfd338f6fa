import type { Connection } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import type { Binding } from '../../kit/binding.js';
import { ScrollView } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import type { ConnectionTab, TabContext, TabKind } from '../../services/connection-tab.js';
import { drawOverview } from './overview-view.js';
import { savedConnection } from './saved-connection.js';

/** What the connection leads to, how it is doing, and what the host's CPUs and memory do. */
class OverviewTab implements ConnectionTab {
  readonly #context: TabContext;
  readonly #view = new ScrollView();

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
    return this.#view.show(lines, size.rows);
  }

  bindings(): readonly Binding[] {
    const scroll = this.#view.binding();
    return [
      this.#view.more ? { ...scroll, keys: ['down', 'up', 'pageup', 'pagedown'], label: 'more' } : scroll,
    ];
  }
}

export const overviewTab: TabKind = { title: 'Overview', open: (context) => new OverviewTab(context) };
