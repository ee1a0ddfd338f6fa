import { isDeepStrictEqual } from 'node:util';
import { isSameUri } from '../../../settings/same-uri.js';
import { wrap } from '../../../text/width.js';
import type { InputEvent, KeyEvent } from '../../input/events.js';
import { editField, fieldOf, fieldText, type TextField } from '../../input/text-field.js';
import { keyLabel } from '../../kit/binding.js';
import type { Field, Problem } from '../../kit/form/form.js';
import { drawForm } from '../../kit/form/form-view.js';
import { drawKeys, type KeyHint } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { connectionTypes } from './connection-types.js';
import {
  type Draft,
  firstDraft,
  problemsOf,
  settingOf,
  uriOf,
  valuesOf,
  withName,
  withType,
  withUri,
} from './draft.js';
import { LiveTest } from './live-test.js';
import { Saver } from './saver.js';
import { drawTest } from './test-view.js';
import { UriReader } from './uri-reader.js';

const fields: readonly Field[] = [
  {
    id: 'type',
    label: 'Hypervisor',
    kind: 'choice',
    choices: connectionTypes.map(({ id, text }) => ({ value: id, text })),
  },
  { id: 'name', label: 'Name', kind: 'text' },
  { id: 'autoconnect', label: 'Autoconnect', kind: 'toggle', hint: 'when the program starts' },
  { id: 'uri', label: 'URI', kind: 'text' },
];

/** What a form needs at least: title, rule, the focused line, and the line of its failure. */
const leastFormRows = 4;
/** With all that may be wrong with it; what stands below begins there. */
const roomyFormRows = 16;
/** Cells from which on a form shows only the end of a URI. */
const longUri = 44;

/** Its draft, among those of the program. */
const draftId = 'connection';

/** The form of a new connection, with a test of it that runs beside. */
export class AddConnectionPane implements Pane {
  readonly help = [
    ['Tab, Shift-Tab', 'next, previous field'],
    ['Left, Right', 'choose; move in the text; next, previous button'],
    ['Space', 'autoconnect on or off'],
    ['Enter', 'next field; on a button: do it'],
    ['Esc', 'stop the test; back, what was entered is kept'],
  ] as const;
  readonly entry = true;
  readonly #host: ScreenHost;
  readonly #reader: UriReader;
  readonly #saver: Saver;
  #draft: Draft;
  /** Index of the focused field; the buttons come after the last one. */
  #focus = 0;
  #text: TextField;
  /** Fields that were left, or all after the first attempt: their problems are shown. */
  readonly #visited = new Set<string>();
  #tried = false;
  #done = false;
  #test: LiveTest | undefined;

  constructor(host: ScreenHost) {
    this.#host = host;
    this.#draft = host.drafts.get<Draft>(draftId) ?? firstDraft;
    this.#reader = new UriReader(host.environment, () => this.#redraw());
    this.#saver = new Saver(host, () => this.#redraw());
    this.#text = this.#textOf();
  }

  /** It has done its work. */
  readonly gone = (): boolean => this.#done;

  readonly typing = (): boolean => this.#field()?.kind === 'text';

  readonly entered = (): string | undefined =>
    this.#done || isDeepStrictEqual(this.#draft, firstDraft) ? undefined : 'the new connection';

  close(): void {
    this.#test?.cancel();
    this.#saver.close();
    this.#host.drafts.keep(draftId, this.entered() === undefined ? undefined : this.#draft);
  }

  draw(size: Size): readonly string[] {
    const { look } = this.#host;
    const cells = size.columns;
    const rows = size.rows - 1;
    const problems = this.#problems().filter(({ field }) => this.#tried || this.#visited.has(field));
    const below = this.#below(cells, rows - leastFormRows);
    const form = drawForm(
      {
        title: 'Add a connection',
        fields,
        values: valuesOf(this.#draft, this.#taken()),
        focus: this.#focus,
        text: this.#text,
        problems,
        buttons: this.#buttons().map(({ text }) => text),
        preview: [],
        running: this.#saver.saving,
        failure: this.#saver.failure,
      },
      cells,
      below.length === 0 ? rows : Math.min(rows - below.length, roomyFormRows),
      look,
    );
    const blank = ' '.repeat(cells);
    const left = rows - form.length - below.length;
    return [
      ...form,
      ...below,
      ...Array.from({ length: left }, () => blank),
      drawKeys(this.#keys(), cells, look),
    ];
  }

  /** The test; before there is one, a URI that is too long for its field. */
  #below(cells: number, most: number): string[] {
    const { look } = this.#host;
    if (this.#test !== undefined) {
      const { state } = this.#test;
      return drawTest(state, { look, cells, most, transport: this.#reader.transport(state.uri) });
    }
    const uri = uriOf(this.#draft);
    if (look.width(uri) < longUri) return [];
    const lines = wrap(look.text(`The whole URI: ${uri}`), cells).map((line) =>
      look.line([[line, 'faint']], cells),
    );
    return lines.length < most ? lines : [];
  }

  handle(event: InputEvent): boolean {
    if (event.type === 'key' && event.name === 'escape') return this.#stopTest();
    if (this.#saver.saving) return true;
    if (event.type === 'paste') return this.#type(event);
    const steps: Readonly<Record<string, number>> = { tab: 1, down: 1, 'shift-tab': -1, up: -1 };
    const step = steps[event.name];
    const field = this.#field();
    if (step !== undefined) this.#move(step);
    else if (event.name === 'enter') this.#enter();
    else if (field?.kind === 'text') return this.#type(event);
    else if (field !== undefined) return this.#choose(field, event);
    else if (event.name === 'left' || event.name === 'right') this.#move(event.name === 'left' ? -1 : 1);
    else return false;
    return true;
  }

  /** Esc stops what runs; only then it leaves. */
  #stopTest(): boolean {
    if (this.#test === undefined || this.#test.state.over) return false;
    this.#test.cancel();
    return true;
  }

  #field(): Field | undefined {
    return fields[this.#focus];
  }

  #buttons(): readonly { readonly text: string; readonly press: () => void }[] {
    return [
      { text: 'Test', press: () => this.#startTest() },
      this.#saver.offersUnsaved
        ? { text: 'Use unsaved', press: () => this.#finish(() => this.#saver.useUnsaved()) }
        : { text: 'Add', press: () => void this.#add() },
      { text: 'Cancel', press: () => this.#finish(() => {}) },
    ];
  }

  #move(step: number): void {
    const field = this.#field();
    if (field !== undefined) this.#visited.add(field.id);
    this.#focusOn((this.#focus + step + fields.length + 3) % (fields.length + 3));
  }

  #focusOn(at: number): void {
    this.#focus = at;
    this.#text = this.#textOf();
  }

  #textOf(): TextField {
    const field = this.#field();
    return fieldOf(field === undefined ? '' : (valuesOf(this.#draft, this.#taken())[field.id] ?? ''));
  }

  #enter(): void {
    const button = this.#buttons()[this.#focus - fields.length];
    if (button === undefined) this.#move(1);
    else button.press();
  }

  #type(event: InputEvent): boolean {
    const field = this.#field();
    if (field?.kind !== 'text') return true;
    const next = editField(this.#text, event);
    if (next === undefined) return false;
    const before = fieldText(this.#text);
    const text = fieldText(next);
    this.#text = next;
    // Moving the cursor says nothing.
    if (text !== before)
      this.#change(field.id === 'uri' ? withUri(this.#draft, text) : withName(this.#draft, text));
    return true;
  }

  #choose(field: Field, event: KeyEvent): boolean {
    const steps: Readonly<Record<string, number>> = { left: -1, right: 1, space: 1 };
    const step = steps[event.name];
    if (step === undefined) return false;
    if (field.kind === 'toggle') {
      this.#change({ ...this.#draft, autoconnect: !this.#draft.autoconnect });
      return true;
    }
    const at = connectionTypes.findIndex(({ id }) => id === this.#draft.type);
    const next = connectionTypes[(at + step + connectionTypes.length) % connectionTypes.length];
    if (next !== undefined) this.#change(withType(this.#draft, next.id));
    return true;
  }

  /** A test or a failure that was of something else is taken away. */
  #change(draft: Draft): void {
    if (uriOf(draft) !== uriOf(this.#draft)) {
      this.#test?.cancel();
      this.#test = undefined;
    }
    this.#draft = draft;
    this.#saver.leave();
  }

  #startTest(): void {
    if (this.#refused(({ field }) => field === 'uri')) return;
    this.#test?.cancel();
    this.#test = new LiveTest(uriOf(this.#draft), this.#host.open, () => this.#redraw());
  }

  async #add(): Promise<void> {
    this.#tried = true;
    if (this.#refused(() => true)) return;
    if (await this.#saver.save(settingOf(this.#draft, this.#taken()))) this.#finish(() => {});
  }

  /** True when something is wrong; the first field that it is wrong with has the focus then. */
  #refused(counts: (problem: Problem) => boolean): boolean {
    const first = this.#problems().find(counts);
    if (first === undefined) return false;
    this.#visited.add(first.field);
    this.#focusOn(fields.findIndex(({ id }) => id === first.field));
    return true;
  }

  #finish(work: () => void): void {
    work();
    this.#done = true;
    // It may have been left while it was saved.
    this.#host.drafts.keep(draftId, undefined);
    this.#redraw();
  }

  #problems(): readonly Problem[] {
    return problemsOf(
      this.#draft,
      this.#taken(),
      (uri) => this.#reader.mistake(uri) ?? this.#alreadyThere(uri),
    );
  }

  /** A second entry for one place would show everything there twice. */
  #alreadyThere(uri: string): string | undefined {
    const same = this.#host.settings
      .current()
      .connections.find((one) => one.name !== this.#saver.pending && isSameUri(one.uri, uri));
    return same && `the connection "${same.name}" leads there already`;
  }

  /** Names that other connections have. What was saved from here is not in the way of itself. */
  #taken(): readonly string[] {
    const { settings, inventory } = this.#host;
    const names = [...settings.current().connections, ...inventory.store.getState().connections].map(
      ({ name }) => name,
    );
    return names.filter((name) => name !== this.#saver.pending);
  }

  #redraw(): void {
    this.#host.redraw();
  }

  #keys(): KeyHint[] {
    const { keys } = this.#host.look.glyphs;
    const field = this.#field();
    const testing = this.#test?.state.over === false;
    const hints: KeyHint[] = [{ key: 'Esc', label: testing ? 'stop the test' : 'back', always: true }];
    hints.push({ key: 'Tab', label: 'next field' });
    if (field?.kind === 'choice') hints.push({ key: `${keys.left} ${keys.right}`, label: 'choose' });
    if (field?.kind === 'toggle') hints.push({ key: 'Space', label: 'switch' });
    if (field === undefined) hints.push({ key: keyLabel('enter', keys), label: 'do it' });
    return hints;
  }
}
