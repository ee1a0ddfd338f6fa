import { existsSync } from 'node:fs';
import type { VmSource } from '../../../provision/request/vm-request.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces } from '../../../text/width.js';
import type { InputEvent } from '../../input/events.js';
import { editField, emptyField, fieldText, type TextField } from '../../input/text-field.js';
import type { Binding } from '../../kit/binding.js';
import { ListCursor } from '../../kit/list-cursor.js';
import { drawTyped } from '../../kit/typed-field.js';
import type { Page } from './page.js';
import { wrapped } from './progress-view.js';
import { type SourceGroup, type SourceRow, sourceRows, sourceText } from './sources.js';
import type { Wizard } from './wizard.js';

const groupTitles: Readonly<Record<SourceGroup, string>> = {
  iso: 'Install ISO: choose a volume, or type a path, a URL or POOL/VOLUME',
  import: 'Existing disk: choose a volume, or type POOL/VOLUME',
  address: 'Disk image: type a path or a URL',
};

/** Why it cannot be chosen. */
function problemOf(pick: SourceRow['pick']): string | undefined {
  if (pick.kind === 'problem') return pick.message;
  if (pick.kind !== 'source' || !('image' in pick.source)) return undefined;
  const { image } = pick.source;
  return image.kind === 'file' && !existsSync(image.path) ? `there is no file ${image.path}` : undefined;
}

function isFor({ pick }: SourceRow, source: VmSource): boolean {
  return pick.kind === 'source' && JSON.stringify(pick.source) === JSON.stringify(source);
}

/** The choice of source. Letters narrow the list, so none of them moves the cursor. */
export class ImagePage implements Page {
  readonly #wizard: Wizard;
  #cursor = new ListCursor();
  /** The person has moved the cursor; until then it follows the earlier choice as the list fills. */
  #moved = false;
  #field: TextField = emptyField;
  #group: SourceGroup | undefined;
  #problem: string | undefined;

  constructor(wizard: Wizard) {
    this.#wizard = wizard;
  }

  typing(): boolean {
    return true;
  }

  draw(cells: number, rows: number): readonly SafeText[] {
    const { look } = this.#wizard.host;
    const found = this.#rows();
    const head = [
      ...(this.#group === undefined ? [] : [look.line([[groupTitles[this.#group], 'heading']], cells)]),
      drawTyped(this.#field, `${found.length} found`, cells, look),
    ];
    const foot =
      this.#problem === undefined ? [] : wrapped(`! ${this.#problem}`, cells, 2, 'bad', look).slice(0, 3);
    const room = Math.max(1, rows - head.length - foot.length);
    // What lies beyond the edge has a line of its own: the other beginnings of a VM are the last ones.
    const folded = found.length > room && room > 2;
    const height = folded ? room - 1 : room;
    this.#rest(found);
    const [from, to] = this.#cursor.settle(found.length, height, (at) => found[at]?.id ?? '');
    const lines = found
      .slice(from, to)
      .map((row, at) => this.#line(row, from + at === this.#cursor.at, cells));
    if (found.length === 0) lines.push(look.line([[`  ${this.#empty()}`, 'faint']], cells));
    if (folded) lines.push(this.#more(found, from, to, cells));
    const blank = Array.from({ length: Math.max(0, room - lines.length) }, () => spaces(cells));
    return [...head, ...lines, ...blank, ...foot];
  }

  bindings(): readonly Binding[] {
    return [
      {
        keys: ['enter'],
        also: ['tab'],
        label: 'choose',
        always: 'first',
        help: 'choose, and to the next page',
        moves: true,
        run: () => this.#choose(),
      },
      {
        keys: ['up', 'down', 'pageup', 'pagedown'],
        footerKeys: 2,
        label: 'move',
        help: 'move',
        moves: true,
        run: (_, { name }) => {
          const rows = this.#rows();
          this.#rest(rows);
          this.#moved = true;
          this.#cursor.handle(name, rows.length, (at) => rows[at]?.id ?? '');
        },
      },
      {
        keys: ['a-z'],
        label: 'filter',
        help: 'whatever is typed narrows the list',
        moves: true,
        run: () => {},
      },
      {
        keys: ['escape'],
        label: this.#group === undefined ? 'leave' : 'back',
        always: 'last',
        help: 'back; what was entered is kept',
        moves: true,
        run: () => this.#back(),
      },
    ];
  }

  type(event: InputEvent): boolean {
    const next = editField(this.#field, event);
    if (next === undefined) return false;
    if (fieldText(next) !== fieldText(this.#field)) {
      this.#problem = undefined;
      this.#moved = false;
    }
    this.#field = next;
    return true;
  }

  /** The earlier choice stays in the list, even if it was typed or comes from an inner list. */
  #rows(): readonly SourceRow[] {
    const typed = fieldText(this.#field);
    const rows = sourceRows(this.#group, typed, this.#wizard.around);
    const { source } = this.#wizard.draft;
    if (
      this.#group !== undefined ||
      typed !== '' ||
      source === undefined ||
      rows.some((row) => isFor(row, source))
    )
      return rows;
    const text = sourceText(source);
    return [{ id: 'chosen', text, note: 'chosen before', pick: { kind: 'source', source } }, ...rows];
  }

  /** Where the cursor is until somebody moves it. */
  #rest(rows: readonly SourceRow[]): void {
    if (this.#moved) return;
    this.#cursor = new ListCursor();
    const { source } = this.#wizard.draft;
    const chosen = source === undefined ? undefined : rows.find((row) => isFor(row, source));
    if (chosen !== undefined) this.#cursor.select(chosen.id);
    this.#cursor.settle(rows.length, rows.length, (at) => rows[at]?.id ?? '');
  }

  #empty(): string {
    if (this.#wizard.reader.state.state === 'reading') return 'looking at the host…';
    return this.#group === undefined
      ? 'Nothing is called that.'
      : 'There is none on the host: type where it is.';
  }

  #line({ text, note }: SourceRow, selected: boolean, cells: number): SafeText {
    const { look } = this.#wizard.host;
    const line = look.spread(
      [[selected ? '> ' : '  '], [text]],
      [[note, selected ? 'plain' : 'faint']],
      cells,
    );
    return selected ? look.paint('selected', line) : line;
  }

  #more(found: readonly SourceRow[], from: number, to: number, cells: number): SafeText {
    const { look } = this.#wizard.host;
    const { up, down } = look.glyphs.keys;
    const below = found.slice(to).reverse();
    const names = below.map(({ text }) => text.replace(/…$/, '')).join(', ');
    const text = below.length === 0 ? `${up} ${from} more` : `${down} ${below.length} more: ${names}`;
    return look.line([[`  ${look.cut(text, Math.max(0, cells - 2))}`, 'faint']], cells);
  }

  #choose(): void {
    const rows = this.#rows();
    this.#rest(rows);
    const { pick } = rows[this.#cursor.at] ?? {};
    if (pick === undefined) return;
    const problem = problemOf(pick);
    if (problem !== undefined) this.#problem = problem;
    else if (pick.kind === 'group') this.#open(pick.group);
    else if (pick.kind === 'source') {
      this.#wizard.change({ source: pick.source });
      this.#open(undefined);
      this.#wizard.move(1);
    }
  }

  /** Out of an inner list, then out of the filter, then out of the wizard. */
  #back(): void {
    if (this.#group === undefined && this.#field.characters.length === 0) this.#wizard.host.panes.back();
    else this.#open(undefined);
  }

  #open(group: SourceGroup | undefined): void {
    this.#group = group;
    this.#field = emptyField;
    this.#problem = undefined;
    this.#moved = false;
  }
}
