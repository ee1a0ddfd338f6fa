import type { Connection, Domain } from '../../../inventory/types.js';
import type { SafeText } from '../../../text/safe.js';
import type { InputEvent } from '../../input/events.js';
import { emptyField, type TextField } from '../../input/text-field.js';
import { type Binding, bind } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { filterHints, typeFilter } from '../../kit/filter.js';
import { drawFrame } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import { ScrollView } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import { drawTabs, tabsBinding } from '../../kit/tabs.js';
import { drawTyped } from '../../kit/typed-field.js';
import { countLines, drawXml, findLine, xmlLines } from '../../kit/xml-view.js';
import { backBinding, press, refreshBinding, screenHints } from '../../services/keys.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { newVmBinding } from '../new-vm/open-new-vm.js';
import { domainBindings } from './domain-keys.js';
import { domainFacts } from './overview.js';
import { drawPerformance } from './performance.js';

export interface DomainPaneOptions extends ScreenHost {
  readonly connectionId: string;
  readonly uuid: string;
}

const tabs = ['Overview', 'Performance', 'XML'] as const;
const performanceTab = 1;
const xmlTab = 2;

/** One domain: what it is, what it does, and its XML. */
export class DomainPane implements Pane {
  readonly #options: DomainPaneOptions;
  #stop: (() => void) | undefined;
  #tab = 0;
  /** The charts show the last hour in place of the last minutes. */
  #hour = false;
  readonly #views = tabs.map(() => new ScrollView());
  #xml: readonly string[] = [];
  #xmlText: string | undefined;
  #search = '';
  #field: TextField | undefined;

  constructor(options: DomainPaneOptions) {
    this.#options = options;
  }

  readonly gone = (): boolean => this.#domain() === undefined;

  readonly typing = (): boolean => this.#field !== undefined;

  readonly bindings = (): readonly Binding[] => {
    const { connectionId } = this.#options;
    const [domain, connection] = [this.#domain(), this.#connection()];
    if (domain === undefined || connection === undefined) return [];
    const acted = { host: this.#options, domains: [{ connection, domain }], marked: false } as const;
    return [
      tabsBinding(this.#tab, tabs.length, (tab) => {
        this.#tab = tab;
      }),
      this.#view().binding(),
      ...bind(
        this.#performanceKeys,
        this.#tab === performanceTab ? true : undefined,
        'It is on the tab Performance.',
      ),
      ...bind(this.#xmlKeys, this.#tab === xmlTab ? true : undefined, 'It is on the tab XML.'),
      ...bind(domainBindings, acted),
      ...bind([newVmBinding], { host: this.#options, connection }),
      refreshBinding(this.#options, connectionId),
      ...(this.#search === '' ? [] : [this.#clearSearch]),
      backBinding(this.#options),
    ];
  };

  readonly #performanceKeys: readonly Binding<true>[] = [
    {
      keys: ['w'],
      help: 'charts over the last minutes, or the last hour',
      label: () => (this.#hour ? 'last minutes' : 'last hour'),
      run: () => {
        this.#hour = !this.#hour;
      },
    },
  ];

  readonly #xmlKeys: readonly Binding<true>[] = [
    {
      keys: ['/'],
      help: 'search in the XML',
      label: 'search',
      run: () => {
        this.#field = emptyField;
      },
    },
    {
      keys: ['n'],
      help: 'next match',
      label: 'next',
      refusal: () => this.#unsearched(),
      run: () => this.#find(1),
    },
    {
      keys: ['N'],
      help: 'previous match',
      label: 'previous',
      refusal: () => this.#unsearched(),
      run: () => this.#find(-1),
    },
  ];

  readonly #clearSearch: Binding = {
    keys: ['escape'],
    help: 'clear the search',
    moves: true,
    run: () => {
      this.#search = '';
    },
  };

  readonly shown = (visible: boolean): void => {
    const { inventory, connectionId, uuid } = this.#options;
    this.#stop?.();
    this.#stop = visible ? inventory.lookClosely(connectionId, uuid) : undefined;
  };

  draw(size: Size, now: number): readonly SafeText[] {
    const domain = this.#domain();
    const connection = this.#connection();
    if (domain === undefined || connection === undefined) return [];
    const { look, inventory } = this.#options;
    const cells = size.columns;
    const { interval } = inventory.store.getState();
    const title = look.spread(
      [[domain.name, 'title'], [`   ${this.#subtitle(domain, connection)}`]],
      [[connection.stale ? 'stale' : `every ${interval / 1000}s`, 'faint']],
      cells,
    );
    const field = this.#field;
    return drawFrame(this.#options, size, {
      title: () => title,
      tabs: () => drawTabs(tabs, this.#tab, cells, look),
      body: ({ rows }) => this.#body(domain, connection, { columns: cells, rows }, now, interval),
      instead: () => field && drawTyped(field, `${countLines(this.#xml, this.#search)} lines`, cells, look),
      keys: field === undefined ? screenHints(this.bindings(), look) : filterHints(look, 'search'),
    });
  }

  handle(event: InputEvent): boolean {
    return this.#field !== undefined && this.#typeSearch(this.#field, event);
  }

  #unsearched(): string | undefined {
    return this.#search === '' ? 'Search first, with /.' : undefined;
  }

  #typeSearch(field: TextField, event: InputEvent): boolean {
    const next = typeFilter(field, event);
    if (next === 'move') return event.type === 'key' && press(this.#options, [this.#view().binding()], event);
    this.#field = next.field;
    this.#search = next.filter;
    if (next.field !== undefined) this.#find(1, true);
    return true;
  }

  /** @param here a match on the line at the top is good enough */
  #find(step: 1 | -1, here = false): void {
    const view = this.#view();
    const found = findLine(this.#xml, this.#search, here ? view.top : view.top + step, step);
    if (found !== undefined) view.to(found);
  }

  #body(
    domain: Domain,
    connection: Connection,
    { columns: cells, rows: height }: Size,
    now: number,
    interval: number,
  ): readonly SafeText[] {
    const { look } = this.#options;
    const driver = connection.info?.type;
    if (this.#tab === performanceTab)
      return drawPerformance(domain, { look, cells, height, interval, hour: this.#hour, driver });
    if (this.#tab === xmlTab) {
      this.#readXml(domain);
      return drawXml(this.#view().show(this.#xml, height), this.#search, cells, look);
    }
    return this.#view().show(drawFacts(domainFacts(domain, connection, now), cells, look), height);
  }

  /** The text as lines, made anew only when it is another one. */
  #readXml(domain: Domain): void {
    const text = domain.details?.xml ?? missingXml(domain);
    if (text === this.#xmlText) return;
    this.#xmlText = text;
    this.#xml = xmlLines(text, this.#options.look);
  }

  #view(): ScrollView {
    return this.#views[this.#tab] as ScrollView;
  }

  #subtitle(domain: Domain, connection: Connection): string {
    const title = domain.details?.title;
    return [title, domain.pending, `on ${connection.name}`].filter((part) => part).join(' · ');
  }

  #connection(): Connection | undefined {
    return connectionOf({ host: this.#options, connectionId: this.#options.connectionId });
  }

  #domain(): Domain | undefined {
    return this.#connection()?.domains.get(this.#options.uuid);
  }
}

function missingXml({ detailsError }: Domain): string {
  return detailsError === undefined
    ? 'The XML is not here yet.'
    : `The XML could not be read: ${detailsError}`;
}
