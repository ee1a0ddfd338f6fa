import { Box } from 'ink';
import type { ReactNode } from 'react';
import { literal, type SafeText } from '../../text/safe.js';
import { repeat } from '../../text/width.js';
import type { Look } from '../theme/look.js';
import { withoutStyles } from '../theme/styles.js';
import { Line } from './line.js';
import type { Size } from './size.js';

export interface OverlayProps {
  /** Painted, all equally wide. */
  readonly lines: readonly SafeText[];
  readonly look: Look;
  readonly size: Size;
}

/** Lines in the middle of the screen, above whatever is there. */
export function Overlay({ lines, look, size }: OverlayProps): ReactNode {
  const cells = Math.max(...lines.map((line) => look.width(withoutStyles(line))));
  return (
    <Box
      position="absolute"
      flexDirection="column"
      marginTop={Math.max(0, Math.floor((size.rows - lines.length) / 2))}
      marginLeft={Math.max(0, Math.floor((size.columns - cells) / 2))}
    >
      {lines.map((text, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Line key={i} text={text} opaque />
      ))}
    </Box>
  );
}

/** Cells inside a box on a screen of this size. */
export function boxCells(size: Size, most = 64): number {
  return Math.max(1, Math.min(most, size.columns - 6));
}

/** A frame around lines of `inner` cells. */
export function drawBox(lines: readonly SafeText[], inner: number, look: Look): SafeText[] {
  const { corners, side, line: bar } = look.glyphs.box;
  const edge = (from: SafeText, to: SafeText): SafeText => literal`${from}${repeat(bar, inner + 2)}${to}`;
  return [
    edge(corners[0], corners[1]),
    ...lines.map((content) => literal`${side} ${content} ${side}`),
    edge(corners[2], corners[3]),
  ];
}
