/**
 * What makes a spreadsheet take a cell for a formula: also the wide forms, and blanks that some of them skip. A
 * number with its sign is none.
 */
const formula = /^(?![+-]\d+(?:\.\d+)?$)[=+\-@\t\r\n＝＋－＠]/;

/**
 * Comma-separated values (RFC 4180): a header line, then one line a row. Texts stay as they are, but one that a
 * spreadsheet would run as a formula gets an apostrophe in front, which spreadsheets do not show; numbers stay
 * numbers. What is not known (undefined, or a number that is none) is an empty cell.
 */
export function csvText(
  titles: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  return [titles, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
