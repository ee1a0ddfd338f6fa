import { Box, Text } from 'ink';
import Spinner from 'ink-spinner';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useCanvas } from '../../terminal/canvas.js';
import type { ManagerModel } from './model.js';

export interface ManagerScreenProps {
  readonly model: ManagerModel;
}

/** Shows the lines that the model has drawn, and a spinner where something is under way. */
export function ManagerScreen({ model }: ManagerScreenProps): ReactNode {
  useCanvas(model.subscribe, model.lines);
  const spinners = useSyncExternalStore(model.subscribe, model.spinners);
  return spinners.map(({ row, column, selected }) => (
    <Box key={row} position="absolute" marginTop={row} marginLeft={column}>
      <Text inverse={selected}>
        <Spinner type={model.look.unicode ? 'dots' : 'line'} />
      </Text>
    </Box>
  ));
}
