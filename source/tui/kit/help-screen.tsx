import { Box, Text } from 'ink';
import { Table } from 'ink-table';
import type { ReactNode } from 'react';
import { literal } from '../../text/safe.js';
import type { Look } from '../theme/look.js';
import { type HelpKeys, helpLines, stateLegend } from './help-view.js';
import { Line } from './line.js';
import type { Size } from './size.js';

export interface HelpScreenProps {
  readonly look: Look;
  readonly size: Size;
  /** First line shown. */
  readonly top: number;
  readonly keys: HelpKeys;
}

/** Room that the table of symbols needs beside the keys. */
const tableSize = { columns: 110, rows: 24 };

/** The keys of a screen; beside them, where there is room, the symbols as a table. */
export function HelpScreen({ look, size, top, keys }: HelpScreenProps): ReactNode {
  // The table draws its lines with box characters and measures by string length: for narrow symbols only.
  const table = look.unicode && size.columns >= tableSize.columns && size.rows >= tableSize.rows;
  const lines = helpLines(look, keys, !table);
  const height = size.rows - 2;
  const from = Math.min(top, Math.max(0, lines.length - height));
  const shown = lines.slice(from, from + height);
  const more = lines.length > from + height;
  const title = look.spread(
    [['Keys', 'title']],
    [[more ? 'more below   Esc close' : 'Esc close', 'faint']],
    size.columns,
  );
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      <Line text={title} />
      <Line text={look.rule(size.columns)} />
      <Box height={height} overflow="hidden">
        <Box flexDirection="column" width={table ? 76 : size.columns} flexShrink={0}>
          {shown.map((text, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place on the screen
            <Line key={i} text={text === '' ? literal` ` : text} />
          ))}
        </Box>
        {table && <Table data={stateLegend(look)} header={Plain} cell={Plain} skeleton={Faint} />}
      </Box>
    </Box>
  );
}

/** The table's own cells are coloured whatever NO_COLOR says. */
function Plain({ children }: { readonly children?: ReactNode }): ReactNode {
  return <Text>{children}</Text>;
}

function Faint({ children }: { readonly children?: ReactNode }): ReactNode {
  return <Text dimColor>{children}</Text>;
}
