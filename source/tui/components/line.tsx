import { Text } from 'ink';
import Spinner from 'ink-spinner';
import { memo, type ReactNode } from 'react';

export interface LineProps {
  /** Painted text, not wider than the screen. */
  readonly text: string;
  /** Place in `text` of two cells that a spinner takes while it turns. */
  readonly spinner?: number | undefined;
  /** Spinner of ASCII characters. */
  readonly ascii?: boolean;
}

/** One line of the screen: a single Text, drawn anew only when its text changes. */
export const Line = memo(function Line({ text, spinner, ascii = false }: LineProps): ReactNode {
  if (spinner === undefined) return <Text wrap="truncate">{text}</Text>;
  return (
    <Text wrap="truncate">
      {text.slice(0, spinner)}
      <Spinner type={ascii ? 'line' : 'dots'} />
      {text.slice(spinner + 1)}
    </Text>
  );
});
