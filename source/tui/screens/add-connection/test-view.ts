import type { CheckDetails } from '../../../libvirt/connection-check.js';
import type { SafeText } from '../../../text/safe.js';
import { elapsed } from '../../../text/units.js';
import { wrap } from '../../../text/width.js';
import type { Look, Part } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';
import type { StepOutcome, TestState, TestStep } from './live-test.js';

const nameCells = 16;
const timeCells = 6;

const styles: Readonly<Record<StepOutcome, StyleName>> = {
  waiting: 'faint',
  running: 'accent',
  ok: 'good',
  failed: 'bad',
  cancelled: 'warning',
};

export interface TestViewContext {
  readonly look: Look;
  readonly cells: number;
  /** Lines there are at most. */
  readonly most: number;
}

/** How a test goes, each step with its outcome, then why it failed; the least telling lines give way first. */
export function drawTest(state: TestState, context: TestViewContext): SafeText[] {
  const { look, cells, most } = context;
  const title = wrap(look.text(`Test of ${state.uri}`), cells).map((line) =>
    look.line([[line, 'heading']], cells),
  );
  const verdict = verdictParts(state).flatMap(([text, style = 'plain']) =>
    wrap(look.text(text), cells).map((line) => look.line([[line, style]], cells)),
  );
  const whole = [...title, ...state.steps.map((step) => stepLine(step, context)), ...verdict];
  if (whole.length <= most) return whole;
  const telling = state.steps.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'waiting');
  const shown = telling.length === 0 ? state.steps.slice(-1) : telling;
  return [...shown.map((step) => stepLine(step, context)), ...verdict].slice(0, most);
}

function stepLine({ step, outcome, details }: TestStep, { look, cells }: TestViewContext): SafeText {
  const word = { waiting: look.glyphs.unknown, running: look.glyphs.pending }[outcome as string] ?? outcome;
  return look.line(
    [
      [`  ${look.fit(step, nameCells)}`, outcome === 'waiting' ? 'faint' : 'plain'],
      [look.fit(word, Math.max(6, look.width(word))), styles[outcome]],
      ...(details === undefined ? [] : detailParts(details)),
    ],
    cells,
  );
}

function detailParts({ milliseconds, notes }: CheckDetails): Part[] {
  return [
    [` ${elapsed(milliseconds).padStart(timeCells)}`, 'faint'],
    [notes.length === 0 ? '' : `  ${notes.join(', ')}`],
  ];
}

function verdictParts({ over, failure, steps }: TestState): Part[] {
  if (!over) return [];
  if (failure !== undefined) {
    const hint: Part[] = failure.hint === undefined ? [] : [[failure.hint]];
    return [[`Error: ${failure.message}`, 'bad'], ...hint];
  }
  const cancelled = steps.some(({ outcome }) => outcome === 'cancelled');
  return cancelled ? [['The test was cancelled.', 'warning']] : [['The connection works.', 'good']];
}
