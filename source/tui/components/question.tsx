import { Box } from 'ink';
import type { ReactNode } from 'react';
import { wrap } from '../../text/width.js';
import type { Size } from '../screens/manager/layout.js';
import type { Look, Part } from '../theme/look.js';
import type { Question } from '../ui-state.js';
import { Line } from './line.js';

export interface QuestionDialogProps {
  readonly question: Question;
  readonly look: Look;
  readonly size: Size;
}

/** A question in the middle of the screen, above whatever is there. */
export function QuestionDialog({ question, look, size }: QuestionDialogProps): ReactNode {
  const lines = drawQuestion(question, look, size);
  const cells = Math.max(...lines.map((line) => look.width(stripStyles(line))));
  return (
    <Box
      position="absolute"
      flexDirection="column"
      marginTop={Math.max(0, Math.floor((size.rows - lines.length) / 2))}
      marginLeft={Math.max(0, Math.floor((size.columns - cells) / 2))}
    >
      {lines.map((text, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Line key={i} text={text.replaceAll(' ', opaqueSpace)} />
      ))}
    </Box>
  );
}

/** Where Ink draws a plain space the screen below shows through; this space hides it. */
const opaqueSpace = '\u00A0';

/** The box's lines, all equally wide. */
export function drawQuestion(question: Question, look: Look, size: Size): string[] {
  const { corners, side, line: bar } = look.glyphs.box;
  const inner = Math.min(64, size.columns - 6);
  const row = (content: string): string => `${side} ${content} ${side}`;
  const edge = (from: string, to: string): string => from + bar.repeat(inner + 2) + to;
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
  return [
    edge(corners[0], corners[1]),
    row(look.line([[question.title, 'title']], inner)),
    row(' '.repeat(inner)),
    ...text.map((content) => row(look.fit(content, inner))),
    row(' '.repeat(inner)),
    row(look.line(buttons, inner)),
    edge(corners[2], corners[3]),
  ];
}

function stripStyles(text: string): string {
  return text.replace(/\u001B\[[\d;]*m/g, '');
}
