import { fit as fitted, width } from '../text/width.js';

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** A table in virsh's form: a title line, a rule, one line a row, no padding at the end of lines. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, width(row[index] ?? '')), width(title)),
  );
  const line = (cells: readonly string[]) =>
    ` ${cells.map((cell, index) => fitted(cell, widths[index] ?? 0, columns[index]?.align)).join('   ')}`.trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, cells) => sum + cells + 3, 0));
  return `${[line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n')}\n\n`;
}
