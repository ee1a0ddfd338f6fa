import type { Connection, Domain } from '../../../inventory/types.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, emptyField, fieldText, type TextField } from '../../input/text-field.js';
import { drawFacts } from '../../kit/facts.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { bindingFor, domainBindings, keyLabel, type Selection } from '../../kit/keymap.js';
import type { Pane } from '../../kit/pane.js';
import { scrolled, scrollStep } from '../../kit/scrolling.js';
import type { Size } from '../../kit/size.js';
import { drawTabs, tabFor } from '../../kit/tabs.js';
import { drawTyped } from '../../kit/typed-field.js';
import { countLines, drawXml, findLine } from '../../kit/xml-view.js';
import { runDomainAction, say } from '../../services/domain-action.js';
import { connectionOf } from '../../services/live-connection.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { domainCommands } from './domain-commands.js';
import { domainFacts } from './overview.js';
import { drawPerformance } from './performance.js';

export interface DomainPaneOptions extends ScreenHost {
  readonly connectionId: string;
  readonly uuid: string;
}

const tabs = ['Overview', 'Performance', 'XML'] as const;
const xmlTab = 2;
/** Header, tabs, rule, notice, footer. */
const chrome = 5;

/** One domain: what it is, what it does, and its XML. */
export class DomainPane implements Pane {
  readonly help = [
    ['Tab 1-3', 'next tab, or the tab of that number'],
    ['↑ ↓ PgUp PgDn', 'scroll'],
    ['w', 'charts over the last minutes, or the last hour'],
    ['/ n N', 'search in the XML; next, previous match'],
    [':', 'every action by name'],
    ['Esc', 'back'],
  ] as const;
  readonly #options: DomainPaneOptions;
  readonly #stop: () => void;
  #tab = 0;
  /** The charts show the last hour in place of the last minutes. */
  #hour = false;
  #tops = [0, 0, 0];
  #height = 10;
  #lineCount = 0;
  #xml: readonly string[] = [];
  #xmlText: string | undefined;
  #search = '';
  #field: TextField | undefined;

  constructor(options: DomainPaneOptions) {
    this.#options = options;
    this.#stop = options.inventory.lookClosely(options.connectionId, options.uuid);
  }

  readonly gone = (): boolean => this.#domain() === undefined;

  readonly selection = (): Selection => {
    const [domain, connection] = [this.#domain(), this.#connection()];
    return domain === undefined || connection === undefined
      ? { kind: 'none' }
      : { kind: 'domain', connection, domain };
  };

  readonly typing = (): boolean => this.#field !== undefined;

  close(): void {
    this.#stop();
  }

  draw(size: Size, now: number): readonly string[] {
    const domain = this.#domain();
    const connection = this.#connection();
    if (domain === undefined || connection === undefined) return [];
    const { look, inventory, ui } = this.#options;
    const cells = size.columns;
    const state = inventory.store.getState();
    this.#height = Math.max(1, size.rows - chrome);
    const header = look.spread(
      [[domain.name, 'title'], [`   ${this.#subtitle(domain, connection)}`]],
      [[connection.stale ? 'stale' : `every ${state.interval / 1000}s`, 'faint']],
      cells,
    );
    return [
      header,
      drawTabs(tabs, this.#tab, cells, look),
      look.rule(cells),
      ...this.#body(domain, connection, cells, now, state.interval),
      this.#field === undefined
        ? (drawNotice(state, ui.getState(), cells, 1, look)[0] ?? '')
        : drawTyped(this.#field, `${countLines(this.#xml, this.#search)} lines`, cells, look),
      drawKeys(this.#keys(), cells, look),
    ];
  }

  handle(event: InputEvent): boolean {
    if (this.#field !== undefined) return this.#typeSearch(event);
    if (event.type !== 'key') return true;
    const tab = tabFor(event, this.#tab, tabs.length);
    if (tab !== undefined) {
      this.#tab = tab;
      return true;
    }
    const step = scrollStep(event.name, Math.max(1, this.#height - 1));
    if (step !== undefined) {
      this.#tops[this.#tab] = scrolled(this.#tops[this.#tab] ?? 0, step, this.#lineCount, this.#height);
      return true;
    }
    return this.#command(event);
  }

  #command(event: KeyEvent): boolean {
    if (this.#tab === xmlTab && event.name === '/') this.#field = emptyField;
    else if (this.#tab === xmlTab && event.name === 'n') this.#find(1);
    else if (this.#tab === xmlTab && event.name === 'N') this.#find(-1);
    else if (event.name === 'escape' && this.#search !== '') this.#search = '';
    else if (this.#tab === 1 && event.name === 'w') this.#hour = !this.#hour;
    else if (event.name === 'r') void this.#options.inventory.refresh(this.#options.connectionId);
    else return this.#act(event);
    return true;
  }

  #act(event: KeyEvent): boolean {
    const domain = this.#domain();
    const connection = this.#connection();
    const binding = bindingFor(event.name, 'domain');
    if (domain === undefined || connection === undefined || binding?.context !== 'domain') return false;
    const selection = { kind: 'domain', connection, domain } as const;
    const command = domainCommands[binding.id];
    const reason = binding.unavailable?.(selection);
    if (command === undefined) runDomainAction(this.#options, selection, binding, event);
    else if (reason === undefined) command(this.#options, [selection], event);
    else say(this.#options, { level: 'warning', text: reason });
    return true;
  }

  #typeSearch(event: InputEvent): boolean {
    const field = this.#field ?? emptyField;
    if (event.type === 'key' && event.name === 'escape') {
      this.#field = undefined;
      this.#search = '';
    } else if (event.type === 'key' && event.name === 'enter') {
      this.#field = undefined;
    } else {
      this.#field = editField(field, event) ?? field;
      this.#search = fieldText(this.#field);
      this.#find(1, true);
    }
    return true;
  }

  /** @param here a match on the line at the top is good enough */
  #find(step: 1 | -1, here = false): void {
    const top = this.#tops[xmlTab] ?? 0;
    const from = here ? top : top + step;
    const found = findLine(this.#xml, this.#search, from, step);
    if (found !== undefined) this.#tops[xmlTab] = scrolled(found, 0, this.#xml.length, this.#height);
  }

  #body(domain: Domain, connection: Connection, cells: number, now: number, interval: number): string[] {
    const { look } = this.#options;
    const height = this.#height;
    const driver = connection.info?.type;
    if (this.#tab === 1)
      return drawPerformance(domain, { look, cells, height, interval, hour: this.#hour, driver });
    if (this.#tab === xmlTab) {
      this.#readXml(domain);
      this.#lineCount = this.#xml.length;
      const view = { lines: this.#xml, top: this.#tops[xmlTab] ?? 0, search: this.#search };
      return drawXml(view, cells, height, look);
    }
    const lines = drawFacts(domainFacts(domain, connection, now), cells, look);
    this.#lineCount = lines.length;
    const top = this.#tops[0] ?? 0;
    const blank = ' '.repeat(cells);
    return Array.from({ length: height }, (_, at) => lines[top + at] ?? blank);
  }

  /** The text as lines, made anew only when it is another one. */
  #readXml(domain: Domain): void {
    const text = domain.details?.xml ?? missingXml(domain);
    if (text === this.#xmlText) return;
    this.#xmlText = text;
    const { look } = this.#options;
    this.#xml = text.split('\n').map((line) => look.text(line.replaceAll('\t', '  ')));
  }

  #keys(): KeyHint[] {
    const { look } = this.#options;
    if (this.#field !== undefined) {
      return [
        { key: keyLabel('enter', look.glyphs.keys), label: 'keep' },
        { key: 'Esc', label: 'clear' },
      ];
    }
    const hints: KeyHint[] = [{ key: 'Esc', label: 'back', always: true }];
    hints.push({ key: 'Tab', label: 'next tab' });
    if (this.#tab === 1) hints.push({ key: 'w', label: this.#hour ? 'last minutes' : 'last hour' });
    if (this.#tab === xmlTab) hints.push({ key: '/', label: 'search' });
    if (this.#search !== '') hints.push({ key: 'n N', label: 'next, previous' });
    const selection = this.selection();
    for (const { keys, label, unavailable } of domainBindings) {
      if (unavailable?.(selection) !== undefined) continue;
      const text = typeof label === 'function' ? label(selection) : (label ?? '');
      hints.push({ key: keys[0] ?? '', label: text });
    }
    return hints;
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
