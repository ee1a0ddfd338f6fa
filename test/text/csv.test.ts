import { expect, test } from 'vitest';
import { csvText } from '../../source/text/csv.js';

test('a header, a line a row, quotes where they are needed', () => {
  const rows = [
    ['a,b', 1, undefined],
    ['say "x"', -2.5, 'two\nlines'],
    ['plain', Number.NaN, ' '],
  ];
  expect(csvText(['name', 'n', 'text'], rows)).toBe(
    'name,n,text\r\n"a,b",1,\r\n"say ""x""",-2.5,"two\nlines"\r\nplain,, \r\n',
  );
});

test.each(['=cmd|"/c calc"!A1', '+1+cmd', '-1+cmd', '@SUM(A1)', '\t=1+1', '\r=1+1', '＝1+1'])(
  '%j is no formula to a spreadsheet',
  (name) => {
    const [, line = ''] = csvText(['name'], [[name]]).split(/(?<=^name)\r\n/);
    expect(line).toMatch(/^"?'/);
  },
);

test.each(['-5', '+5.25', 'web-1', 'a=b', 'x@y', '日本'])('%j stays as it is', (name) => {
  expect(csvText(['name'], [[name]])).toBe(`name\r\n${name}\r\n`);
});
