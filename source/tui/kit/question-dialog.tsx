import type { ReactNode } from 'react';
import type { SafeText } from '../../text/safe.js';
import { spaces, truncate, wrap } from '../../text/width.js';
import type { Look, Part } from '../theme/look.js';
import { boxCells, drawBox, Overlay } from './overlay.js';
import type { Size } from './size.js';
import type { Question } from './ui-state.js';

export interface QuestionDialogProps {
  readonly question: Question;
  readonly look: Look;
  readonly size: Size;
}

/** A question in the middle of the screen, above whatever is there. */
export function QuestionDialog({ question, look, size }: QuestionDialogProps): ReactNode {
  return <Overlay lines={drawQuestion(question, look, size)} look={look} size={size} />;
}

/** The box's lines, all equally wide. */
export function drawQuestion(question: Question, look: Look, size: Size): SafeText[] {
  const inner = boxCells(size);
  const rows = Math.max(1, size.rows - 6);
  // A name of a hundred lines would leave no room for the question about it.
  const text = question.lines
    .flatMap((line) => wrap(look.text(withShortWords(line, inner)), inner, rows))
    .slice(0, rows);
  // Brackets mark the choice where inversion cannot be seen.
  const button = (label: string, key: string, chosen: boolean): Part =>
    chosen ? [`[ ${label} (${key}) ]`, 'selected'] : [`  ${label} (${key})  `];
  const buttons = [
    button(question.no, 'n', question.choice === 'no'),
    [' '] as const,
    button(question.yes, 'y', question.choice === 'yes'),
  ];
  const blank = spaces(inner);
  return drawBox(
    [
      look.line([[question.title, 'title']], inner),
      blank,
      ...text.map((content) => look.fit(content, inner)),
      blank,
      look.line(buttons, inner),
    ],
    inner,
    look,
  );
}

function withShortWords(text: string, cells: number): string {
  const most = Math.max(1, cells * 2);
  return text.replace(/[^ ]+/g, (word) => (word.length <= most ? word : truncate(word, most)));
}
