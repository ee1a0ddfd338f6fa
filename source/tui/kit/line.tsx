import { Text } from 'ink';
import { memo, type ReactNode } from 'react';

export interface LineProps {
  /** Painted text, not wider than the room it has. */
  readonly text: string;
}

/** One line as a single Text, drawn anew only when its text changes. */
export const Line = memo(function Line({ text }: LineProps): ReactNode {
  return <Text wrap="truncate">{text}</Text>;
});
