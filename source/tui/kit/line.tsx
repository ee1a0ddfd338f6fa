import { Text } from 'ink';
import { memo, type ReactNode } from 'react';
import type { SafeText } from '../../text/safe.js';

export interface LineProps {
  /** Painted text, not wider than the room it has. */
  readonly text: SafeText;
  /** Hides what is below its spaces as well. */
  readonly opaque?: boolean;
}

/** Where Ink draws a plain space the screen below shows through; this space hides it. */
const opaqueSpace = '\u00A0';

/** One line as a single Text, drawn anew only when its text changes. */
export const Line = memo(function Line({ text, opaque = false }: LineProps): ReactNode {
  return <Text wrap="truncate">{opaque ? text.replaceAll(' ', opaqueSpace) : text}</Text>;
});
