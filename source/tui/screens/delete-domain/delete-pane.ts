import { removeDomain } from '../../../provision/remove-domain.js';
import type { SafeText } from '../../../text/safe.js';
import { count, shortList } from '../../../text/units.js';
import { ask } from '../../kit/ask.js';
import type { Binding } from '../../kit/binding.js';
import { drawFrame } from '../../kit/frame.js';
import { ListPane } from '../../kit/list-pane.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { backBinding, screenHints } from '../../services/keys.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { type Choice, type DeleteRow, deleteRows } from './delete-rows.js';

/** The choice of what goes with domains that are to be deleted. */
export class DeletePane implements Pane {
  readonly entry = true;
  readonly #host: ScreenHost;
  readonly #list = new ListPane<DeleteRow>({
    items: () => this.#rows,
    keyOf: ({ key }) => key,
    columns: { line: ({ parts }) => parts },
    empty: () => [],
  });
  #choices: readonly Choice[];
  #rows: readonly DeleteRow[];

  constructor(host: ScreenHost, choices: readonly Choice[]) {
    this.#host = host;
    this.#choices = choices;
    this.#rows = deleteRows(choices);
    const first = this.#rows.find(({ volume }) => volume !== undefined && volume.users.length === 0);
    if (first !== undefined) this.#list.select(first.key);
  }

  /** Somebody else has deleted them all. */
  readonly gone = (): boolean => this.#there().length === 0;

  readonly bindings = (): readonly Binding[] => [
    ...this.#list.bindings(),
    { keys: ['enter'], label: 'delete (asks)', help: 'delete (asks)', run: () => this.#ask() },
    {
      keys: ['space'],
      label: 'volume goes, stays',
      help: 'a volume or the NVRAM goes, or stays',
      run: () => this.#toggle(),
    },
    backBinding(this.#host, 'back, nothing is deleted'),
  ];

  draw(size: Size, now: number): readonly SafeText[] {
    const { look } = this.#host;
    return drawFrame(this.#host, size, {
      title: () =>
        look.spread(
          [
            [`Delete ${this.#what()}`, 'title'],
            ['   its definition and saved state', 'faint'],
          ],
          [],
          size.columns,
        ),
      body: (body) => this.#list.draw(body, now, look),
      keys: screenHints(this.bindings(), look),
    });
  }

  #toggle(): void {
    const row = this.#list.selected();
    if (row?.nvram?.users.length === 0)
      this.#choices = this.#choices.map((one) =>
        one === row.choice ? { ...one, keepNvram: !one.keepNvram } : one,
      );
    this.#rows = deleteRows(this.#choices);
    if (row?.volume === undefined || row.volume.users.length > 0) return;
    const chosen = new Set(row.choice.chosen);
    if (!chosen.delete(row.volume.volume.key)) chosen.add(row.volume.volume.key);
    this.#choices = this.#choices.map((one) => (one === row.choice ? { ...one, chosen } : one));
    this.#rows = deleteRows(this.#choices);
  }

  #ask(): void {
    const choices = this.#there();
    const volumes = choices.flatMap(({ removal, chosen }) =>
      removal.volumes.filter(({ volume }) => chosen.has(volume.key)).map(({ volume }) => volume),
    );
    const nvram = choices.flatMap(({ removal, keepNvram }) =>
      removal.nvram === undefined || keepNvram || removal.nvram.users.length > 0 ? [] : [removal.nvram.path],
    );
    const running = choices.filter(({ removal }) => removal.domain.id !== -1);
    const domains = choices.map(({ removal }) => removal.domain.name);
    ask(this.#host, {
      title: `Delete ${this.#what()}?`,
      lines: [
        ...(domains.length > 1 ? [shortList(domains)] : []),
        ...(running.length === 0
          ? []
          : [`Forced off first: ${shortList(running.map(({ removal }) => removal.domain.name))}.`]),
        volumes.length === 0
          ? 'No volume goes with it.'
          : `Deleted with it, and what is in it lost: ${shortList(volumes.map(({ name }) => name))}.`,
        ...(nvram.length === 0 ? [] : [`NVRAM that goes: ${shortList(nvram)}.`]),
        'This cannot be taken back.',
      ],
      yes: 'Delete',
      confirm: () => {
        this.#host.panes.back();
        void this.#run(choices);
      },
    });
  }

  /** One after the other: what one leaves may be what the next one used. */
  async #run(choices: readonly Choice[]): Promise<void> {
    for (const { connectionId, removal, chosen, keepNvram } of choices) {
      const { name } = removal.domain;
      const went = chosen.size === 0 ? '' : `, with ${count(chosen.size, 'volume')}`;
      await this.#host.inventory.operate(connectionId, {
        pending: 'deleting',
        done: `${name}: deleted${went}`,
        failed: `${name}: delete failed`,
        call: async (hypervisor) => {
          const { kept } = await removeDomain(hypervisor, removal, chosen, { keepNvram });
          const told = kept.map(({ volume, error }) => `${volume.name} (${error.message})`);
          if (told.length > 0) throw new Error(`the domain is gone, but these stay: ${told.join('; ')}`);
        },
      });
    }
  }

  /** Those that nobody else has deleted. */
  #there(): readonly Choice[] {
    const { connections } = this.#host.inventory.store.getState();
    return this.#choices.filter(({ connectionId, removal }) =>
      connections.find(({ id }) => id === connectionId)?.domains.has(removal.domain.uuid),
    );
  }

  #what(): string {
    const [first, ...more] = this.#choices;
    return more.length === 0 ? (first?.removal.domain.name ?? '') : count(this.#choices.length, 'domain');
  }
}
