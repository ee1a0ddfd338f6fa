import { Box } from 'ink';
import { type ReactNode, useSyncExternalStore } from 'react';
import { Line } from '../../components/line.js';
import type { Size } from './layout.js';
import type { ManagerModel } from './model.js';

export interface ManagerScreenProps {
  readonly model: ManagerModel;
  readonly size: Size;
}

/** Shows the lines that the model has drawn; a line that stays the same is not touched. */
export function ManagerScreen({ model, size }: ManagerScreenProps): ReactNode {
  model.resize(size);
  const view = useSyncExternalStore(model.subscribe, model.view);
  const lines = view.lines.slice(0, size.rows);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
        <Line key={i} {...line} ascii={!model.look.unicode} />
      ))}
    </Box>
  );
}
