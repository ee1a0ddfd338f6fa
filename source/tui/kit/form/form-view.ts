import type { SafeText } from '../../../text/safe.js';
import { spaces, wrap } from '../../../text/width.js';
import { maskedField, type TextField } from '../../input/text-field.js';
import type { Look, Part } from '../../theme/look.js';
import { fieldParts } from '../typed-field.js';
import type { Field, Problem, Values } from './form.js';
import { isAtEnd, suggestionsFor } from './suggestions.js';

/** What fields and buttons are drawn from. */
export interface FieldsView {
  readonly fields: readonly Field[];
  readonly values: Values;
  /** Index of the focused field; the buttons come after the last. */
  readonly focus: number;
  /** The focused text field while it is edited. */
  readonly text: TextField;
  readonly problems: readonly Problem[];
  readonly buttons: readonly string[];
}

/** Everything a form is drawn from. */
export interface FormView extends FieldsView {
  readonly title: string;
  readonly preview: readonly string[];
  readonly running: boolean;
  readonly failure: { readonly text: string; readonly hint?: string | undefined } | undefined;
}

const widestLabel = 24;
const fewestValueCells = 20;
const failureRows = 6;

/** The form in exactly `rows` lines of `cells` cells, the focused field always among them. */
export function drawForm(view: FormView, cells: number, rows: number, look: Look): SafeText[] {
  const head = [look.line([[view.title, 'title']], cells), look.rule(cells)];
  const foot = footLines(view, cells, look);
  const room = Math.max(1, rows - head.length - foot.length);
  const body = drawFields(view, cells, room, look);
  const left = room - body.length;
  // The preview is an extra: it gets the remaining lines, or is left out where they are too few to help.
  const preview = left >= 4 ? previewLines(view, cells, left, look) : [];
  const blank = Array.from({ length: left - preview.length }, () => spaces(cells));
  return [...head, ...body, ...preview, ...blank, ...foot].slice(0, rows);
}

/** Fields, what is wrong with them, and buttons, in at most `room` lines: the focused one always among them. */
export function drawFields(view: FieldsView, cells: number, room: number, look: Look): SafeText[] {
  const { lines, focused } = bodyLines(view, cells, look);
  if (lines.length <= room) return lines;
  const top = Math.min(Math.max(0, focused - Math.floor(room / 2)), lines.length - room);
  return lines.slice(top, top + room);
}

function bodyLines(view: FieldsView, cells: number, look: Look): { lines: SafeText[]; focused: number } {
  const label = Math.min(
    widestLabel,
    view.fields.reduce((widest, field) => Math.max(widest, look.width(field.label)), 0),
  );
  const lines: SafeText[] = [];
  let focused = 0;
  for (const [i, field] of view.fields.entries()) {
    if (i === view.focus) focused = lines.length;
    lines.push(fieldLine(view, field, i === view.focus, label, cells, look));
    if (i === view.focus) lines.push(...suggestionLines(view, field, label, cells, look));
    for (const { message } of view.problems.filter((problem) => problem.field === field.id)) {
      for (const text of wrap(look.text(message), Math.max(10, cells - label - 6)))
        lines.push(look.line([[spaces(label + 4)], [`! ${text}`, 'bad']], cells));
    }
  }
  if (view.buttons.length === 0) return { lines, focused };
  lines.push(spaces(cells));
  if (view.focus >= view.fields.length) focused = lines.length;
  lines.push(buttonLine(view, label, cells, look));
  return { lines, focused };
}

function fieldLine(
  view: FieldsView,
  field: Field,
  focused: boolean,
  label: number,
  cells: number,
  look: Look,
): SafeText {
  const pointer = focused ? '> ' : '  ';
  const name: Part = [pointer + look.fit(field.label, label), focused ? 'heading' : 'plain'];
  const value = view.values[field.id] ?? '';
  const room = Math.max(fewestValueCells, cells - label - 6);
  const hint: Part = [field.hint === undefined ? '' : `  ${field.hint}`, 'faint'];
  return look.line([name, ['  '], ...valueParts(view, field, value, focused, room, look), hint], cells);
}

/** One line at most: more is found by typing. */
function suggestionLines(
  { text }: FieldsView,
  field: Field,
  label: number,
  cells: number,
  look: Look,
): SafeText[] {
  const [first, ...others] = suggestionsFor(field, text);
  if (first === undefined) return [];
  const key: Part[] = isAtEnd(text) ? [[`${look.glyphs.keys.right} `, 'key']] : [];
  return [
    look.line(
      [[spaces(label + 4)], ...key, [first, 'accent'], [others.map((one) => `  ${one}`).join(''), 'faint']],
      cells,
    ),
  ];
}

function valueParts(
  view: FieldsView,
  field: Field,
  value: string,
  focused: boolean,
  room: number,
  look: Look,
): readonly Part[] {
  if (field.kind === 'toggle') return [[value === 'yes' ? '[x]' : '[ ]', focused ? 'accent' : 'plain']];
  if (field.kind === 'choice') {
    const text = field.choices?.find((choice) => choice.value === value)?.text ?? value;
    const { left, right } = look.glyphs.keys;
    return focused
      ? [
          [`${left} `, 'key'],
          [text, 'accent'],
          [` ${right}`, 'key'],
        ]
      : [[text]];
  }
  if (!focused) return [[look.cut(value === '' ? look.glyphs.unknown : value, room)]];
  return fieldParts(field.kind === 'secret' ? maskedField(view.text, look.unicode) : view.text, look, room);
}

function buttonLine(view: FieldsView, label: number, cells: number, look: Look): SafeText {
  const parts = view.buttons.flatMap((text, i): Part[] => {
    const focused = view.focus === view.fields.length + i;
    return [[focused ? `[ ${text} ]` : `  ${text}  `, focused ? 'selected' : 'plain'], ['  ']];
  });
  return look.line([[spaces(label + 4)], ...parts], cells);
}

function previewLines(view: FormView, cells: number, room: number, look: Look): SafeText[] {
  if (view.preview.length === 0) return [];
  const lines = view.preview.map((line) => look.line([[`  ${line}`, 'faint']], cells));
  return [spaces(cells), look.rule(cells), ...lines].slice(0, room);
}

function footLines(view: FormView, cells: number, look: Look): SafeText[] {
  const { failure, running } = view;
  if (running) return [look.line([[`at work${look.glyphs.pending}`, 'accent']], cells)];
  if (failure === undefined) return [spaces(cells)];
  const hint = failure.hint === undefined ? [] : wrap(look.text(failure.hint), cells, failureRows);
  return [
    ...wrap(look.text(`Error: ${failure.text}`), cells, failureRows).map((line) =>
      look.line([[line, 'bad']], cells),
    ),
    ...hint.map((line) => look.line([[line]], cells)),
  ].slice(0, failureRows);
}
