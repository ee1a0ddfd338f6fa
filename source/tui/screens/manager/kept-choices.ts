import type { Settings } from '../../../settings/settings.js';
import type { ActionHost } from '../../services/domain-action.js';
import { say } from '../../services/messages.js';
import type { SettingsPort } from '../../services/settings-port.js';
import type { ListState, ListStore } from './list-state.js';

/** Somebody who tries one sort after the other writes the file once. */
const restFor = 800;

/** What of the settings a person chooses on the Manager screen. */
type Choices = Pick<Settings, 'columns' | 'sort' | 'grouping' | 'interval'>;

/** The choices of the settings as the list's. */
export function initialChoices({
  columns,
  sort,
  grouping,
}: Settings): Pick<ListState, 'columns' | 'grouping' | 'sort'> {
  return { columns, grouping, sort: { column: sort.column, reversed: sort.reverse } };
}

interface KeepingHost extends ActionHost {
  readonly settings: SettingsPort;
}

/** Keeps columns, sort, grouping and interval in the settings when they have come to rest. */
export class KeptChoices {
  readonly #host: KeepingHost;
  readonly #list: ListStore;
  readonly #stops: (() => void)[];
  #kept: string;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(host: KeepingHost, list: ListStore) {
    this.#host = host;
    this.#list = list;
    this.#kept = JSON.stringify(this.#choices());
    const changed = (): void => this.#changed();
    this.#stops = [list.subscribe(changed), host.inventory.store.subscribe(changed)];
  }

  /** Keeps what was chosen last; nothing more after that. */
  dispose(): void {
    for (const stop of this.#stops) stop();
    if (this.#timer !== undefined) this.#keep();
  }

  #choices(): Choices {
    const { columns, sort, grouping } = this.#list.getState();
    const { interval } = this.#host.inventory.store.getState();
    return {
      columns,
      sort: { column: sort.column, reverse: sort.reversed },
      grouping,
      interval: interval / 1000,
    };
  }

  #changed(): void {
    if (JSON.stringify(this.#choices()) === this.#kept) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), restFor);
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const choices = this.#choices();
    this.#kept = JSON.stringify(choices);
    this.#host.settings
      .update((settings) => ({ ...settings, ...choices }))
      .catch((error: Error) => {
        // Once: a file that cannot be written stays so.
        if (!this.#failed)
          say(this.#host, { level: 'warning', text: `This choice lasts until the end: ${error.message}` });
        this.#failed = true;
      });
  }
}
