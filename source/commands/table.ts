import { joined, literal, type SafeText, safe } from '../text/safe.js';
import { fit as fitted, width } from '../text/width.js';

/** A title, of text to the left; or with the side that its cells are at. */
export type TableColumn = string | { readonly title: string; readonly align: 'left' | 'right' };

/** A table in virsh's form: a title line, a rule, one line a row, no padding at the end of lines. Cells are any text. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): SafeText {
  const heads = columns.map((column) =>
    typeof column === 'string' ? ({ title: column, align: 'left' } as const) : column,
  );
  const cells = [heads.map(({ title }) => title), ...rows].map((row) => row.map(safe));
  const widths = heads.map((_, index) =>
    cells.reduce((most, row) => Math.max(most, width(row[index] ?? '')), 0),
  );
  const [titles, ...lines] = cells.map((row) =>
    safe(
      ` ${row.map((cell, index) => fitted(cell, widths[index] ?? 0, heads[index]?.align)).join('   ')}`.trimEnd(),
    ),
  );
  const rule = safe('-'.repeat(widths.reduce((sum, most) => sum + most + 3, 0)));
  return literal`${joined([titles ?? literal``, rule, ...lines], literal`\n`)}\n\n`;
}
