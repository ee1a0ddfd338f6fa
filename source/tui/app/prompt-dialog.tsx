import type { ReactNode } from 'react';
import type { SafeText } from '../../text/safe.js';
import { spaces, wrap } from '../../text/width.js';
import { maskedField } from '../input/text-field.js';
import { boxCells, drawBox, Overlay } from '../kit/overlay.js';
import type { Size } from '../kit/size.js';
import { fieldParts } from '../kit/typed-field.js';
import type { OpenPrompt } from '../services/prompts.js';
import type { Look, Part } from '../theme/look.js';

export interface PromptDialogProps {
  readonly open: OpenPrompt;
  readonly look: Look;
  readonly size: Size;
}

/** What a host wants to be told, above everything else on the screen. */
export function PromptDialog({ open, look, size }: PromptDialogProps): ReactNode {
  return <Overlay lines={drawPrompt(open, look, size)} look={look} size={size} />;
}

/** The box's lines, all equally wide. */
export function drawPrompt(
  { prompt, field, choice, waiting }: OpenPrompt,
  look: Look,
  size: Size,
): SafeText[] {
  const inner = boxCells(size, 76);
  const { kind, host, connection, again } = prompt;
  // A connection without a name is called by its URI, which has the host in it.
  const unnamed = connection === undefined || connection.includes('://') || connection === host;
  const named = unnamed ? host : `${connection}  ${host}`;
  const repeated = again === undefined ? [] : wrap(look.text(again), inner, 2);
  const text = prompt.text.split('\n').flatMap((line) => wrap(look.text(line), inner, size.rows));
  // The edges, the title, what is answered and its keys.
  const rows = Math.max(1, size.rows - 5 - repeated.length);
  const typed = kind === 'secret' ? maskedField(field, look.unicode) : field;
  const button = (word: 'yes' | 'no'): Part =>
    word === choice ? [`[ ${word} ]`, 'selected'] : [`  ${word}  `];
  const keys: Part[] = [
    ['Enter', 'key'],
    [kind === 'confirm' ? ' take it  ' : ' answer  '],
    ['Esc', 'key'],
    [' do not connect'],
  ];
  // On a low screen the question at the end must be seen; a cut fingerprint must not look like a whole one.
  const shown = text.length <= rows ? text : [look.glyphs.ellipsis, ...text.slice(1 - rows)].slice(-rows);
  const blanks = text.length + 2 <= rows ? [spaces(inner)] : [];
  return drawBox(
    [
      look.spread([[named, 'title']], waiting === 0 ? [] : [[`${waiting} more`, 'faint']], inner),
      ...blanks,
      ...shown.map((line) => look.fit(line, inner)),
      ...repeated.map((line) => look.line([[line, 'warning']], inner)),
      kind === 'confirm'
        ? look.line([button('no'), [' '], button('yes')], inner)
        : look.line([['> ', 'key'], ...fieldParts(typed, look, inner - 3)], inner),
      ...blanks,
      look.line(keys, inner),
    ],
    inner,
    look,
  );
}
