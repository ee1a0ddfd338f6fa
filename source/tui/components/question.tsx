import type { ReactNode } from 'react';
import { wrap } from '../../text/width.js';
import type { Size } from '../screens/manager/layout.js';
import type { Look, Part } from '../theme/look.js';
import type { Question } from '../ui-state.js';
import { boxCells, drawBox, Overlay } from './overlay.js';

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
export function drawQuestion(question: Question, look: Look, size: Size): string[] {
  const inner = boxCells(size);
  const text = question.lines
    .flatMap((line) => wrap(look.text(line), inner))
    .slice(0, Math.max(1, size.rows - 6));
  // Brackets mark the choice where inversion cannot be seen.
  const button = (label: string, key: string, chosen: boolean): Part =>
    chosen ? [`[ ${label} (${key}) ]`, 'selected'] : [`  ${label} (${key})  `];
  const buttons = [
    button(question.no, 'n', question.choice === 'no'),
    [' '] as const,
    button(question.yes, 'y', question.choice === 'yes'),
  ];
  const blank = ' '.repeat(inner);
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
