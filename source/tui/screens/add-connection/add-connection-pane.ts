import { isDeepStrictEqual } from 'node:util';
import { isSameUri } from '../../../settings/same-uri.js';
import type { SafeText } from '../../../text/safe.js';
import { spaces, wrap } from '../../../text/width.js';
import type { InputEvent } from '../../input/events.js';
import { type Binding, dispatch, footerHints } from '../../kit/binding.js';
import type { Problem } from '../../kit/form/form.js';
import { type FormButton, FormControl } from '../../kit/form/form-control.js';
import { leaveBinding } from '../../kit/form/form-pane.js';
import { drawForm } from '../../kit/form/form-view.js';
import { drawKeys } from '../../kit/frame.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import type { ScreenHost } from '../../services/screen-host.js';
import {
  type Draft,
  draftOf,
  fieldsOf,
  problemsOf,
  settingOf,
  uriOf,
  valuesOf,
  withHostSplit,
  withValue,
} from './draft.js';
import type { Edited } from './edited.js';
import { HostNames } from './host-names.js';
import { LiveTest } from './live-test.js';
import { Saver } from './saver.js';
import { drawTest } from './test-view.js';
import { UriReader } from './uri-reader.js';

/** What a form needs at least: title, rule, the focused line, and the line of its failure. */
const leastFormRows = 4;
/** With all that may be wrong with it; what stands below begins there. */
const roomyFormRows = 16;
/** Cells from which on a form shows only the end of a URI. */
const longUri = 44;

/** The form of a connection, new or there already, with a test of it that runs beside. */
export class AddConnectionPane implements Pane {
  readonly entry = true;
  readonly #host: ScreenHost;
  readonly #reader: UriReader;
  readonly #hosts: HostNames;
  readonly #saver: Saver;
  readonly #control: FormControl;
  readonly #edited: Edited | undefined;
  /** Where its draft is, among those of the program. */
  readonly #draftId: string;
  /** As long as nothing was entered. */
  readonly #begin: Draft;
  #draft: Draft;
  #done = false;
  #test: LiveTest | undefined;

  constructor(host: ScreenHost, edited?: Edited) {
    this.#host = host;
    this.#edited = edited;
    this.#draftId = edited === undefined ? 'connection' : `connection ${edited.id}`;
    this.#begin = edited === undefined ? {} : draftOf(edited.entry);
    this.#draft = host.drafts.get<Draft>(this.#draftId) ?? this.#begin;
    this.#reader = new UriReader(host.environment, host.redraw);
    this.#hosts = new HostNames(host);
    this.#saver = new Saver(host, edited, host.redraw);
    this.#control = new FormControl({
      fields: () => fieldsOf(this.#draft, this.#hosts.names()),
      values: () => valuesOf(this.#draft, this.#taken()),
      set: (id, value) => this.#change(withValue(this.#draft, id, value)),
      problems: () => this.#problems(),
      buttons: () => this.#buttons(),
      left: ({ id }) => {
        if (id === 'host') this.#draft = withHostSplit(this.#draft);
      },
    });
    this.#control.focus();
  }

  /** It has done its work. */
  readonly gone = (): boolean => this.#done;

  readonly typing = (): boolean => this.#control.typing;

  readonly entered = (): string | undefined =>
    this.#done || isDeepStrictEqual(this.#draft, this.#begin)
      ? undefined
      : this.#edited === undefined
        ? 'the new connection'
        : `the changes of ${this.#edited.entry.name}`;

  readonly bindings = (): readonly Binding[] => [
    ...(this.#saver.saving ? [] : this.#control.bindings()),
    this.#leave(),
  ];

  close(): void {
    this.#test?.cancel();
    this.#saver.close();
    this.#host.drafts.keep(this.#draftId, this.entered() === undefined ? undefined : this.#draft);
  }

  draw(size: Size): readonly SafeText[] {
    const { look } = this.#host;
    const cells = size.columns;
    const rows = size.rows - 1;
    const below = this.#below(cells, rows - leastFormRows);
    const form = drawForm(
      {
        ...this.#control.view(),
        title: this.#edited === undefined ? 'Add a connection' : 'Edit the connection',
        preview: [],
        running: this.#saver.saving,
        failure: this.#saver.failure,
      },
      cells,
      below.length === 0 ? rows : Math.min(rows - below.length, roomyFormRows),
      look,
    );
    const blank = spaces(cells);
    const left = rows - form.length - below.length;
    return [
      ...form,
      ...below,
      ...Array.from({ length: left }, () => blank),
      drawKeys(footerHints(this.bindings(), look), cells, look),
    ];
  }

  /** The test; before there is one, a URI that is too long for its field. */
  #below(cells: number, most: number): SafeText[] {
    const { look } = this.#host;
    if (this.#test !== undefined) return drawTest(this.#test.state, { look, cells, most });
    const uri = uriOf(this.#draft);
    if (look.width(uri) < longUri) return [];
    const lines = wrap(look.text(`The whole URI: ${uri}`), cells).map((line) =>
      look.line([[line, 'faint']], cells),
    );
    return lines.length < most ? lines : [];
  }

  handle(event: InputEvent): boolean {
    if (event.type === 'key' && dispatch(this.bindings(), event, () => {})) return true;
    return this.#saver.saving || this.#control.type(event);
  }

  /** Esc stops what runs; only then it leaves. */
  #leave(): Binding {
    const leave = leaveBinding(this.#host.panes);
    const test = this.#test;
    if (test === undefined || test.state.over) return leave;
    return { ...leave, label: 'stop the test', help: 'stop the test', run: () => test.cancel() };
  }

  #buttons(): readonly FormButton[] {
    return [
      { text: 'Test', press: () => this.#startTest() },
      this.#saver.offersUnsaved
        ? { text: 'Use unsaved', press: () => this.#finish(() => this.#saver.useUnsaved()) }
        : { text: this.#edited === undefined ? 'Add' : 'Save', press: () => void this.#save() },
      { text: 'Cancel', press: () => this.#finish(() => {}) },
    ];
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
    if (this.#control.refused(({ field }) => field !== 'name')) return;
    this.#test?.cancel();
    const uri = uriOf(this.#draft);
    this.#test = new LiveTest(uri, this.#reader.steps(uri), this.#host.open, this.#host.redraw);
  }

  async #save(): Promise<void> {
    if (this.#control.allRefused()) return;
    if (await this.#saver.save(settingOf(this.#draft, this.#taken()))) this.#finish(() => {});
  }

  #finish(work: () => void): void {
    work();
    this.#done = true;
    // It may have been left while it was saved.
    this.#host.drafts.keep(this.#draftId, undefined);
    this.#host.redraw();
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
      .connections.find((one) => !this.#isOwn(one.name) && isSameUri(one.uri, uri));
    return same && `the connection "${same.name}" leads there already`;
  }

  /** The names of other connections, without the one that this form has saved itself. */
  #taken(): readonly string[] {
    const { settings, inventory } = this.#host;
    const names = [...settings.current().connections, ...inventory.store.getState().connections].map(
      ({ name }) => name,
    );
    return names.filter((name) => !this.#isOwn(name));
  }

  #isOwn(name: string): boolean {
    return name === this.#saver.pending || name === this.#edited?.entry.name;
  }
}
