import stringWidth from 'string-width';
import { describe, expect, test, vi } from 'vitest';
import { graphemes, isNarrow, fit as toWidth, truncate, width, wrap } from '../../source/text/width.js';

describe('width', () => {
  test('counts terminal cells, not characters', () => {
    expect(width('web-1')).toBe(5);
    expect(width('漢字')).toBe(4);
    expect(width('e\u0301')).toBe(1);
    expect(width('🚀')).toBe(2);
  });
});

describe('truncate', () => {
  test('marks what it cut and never exceeds the cells', () => {
    expect(truncate('hello world', 8)).toBe('hello w…');
    expect(truncate('hello', 5)).toBe('hello');
    expect(truncate('hello', 1)).toBe('…');
    expect(truncate('hello', 0)).toBe('');
  });

  test('never cuts a wide character in two', () => {
    for (let cells = 0; cells < 12; cells += 1) {
      expect(width(truncate('漢字の仮想マシン', cells))).toBeLessThanOrEqual(cells);
    }
    expect(truncate('漢字漢字', 6)).toBe('漢字…');
  });

  test('keeps an accent with its letter', () => {
    expect(truncate('ae\u0301bcd', 3)).toBe('ae\u0301…');
  });
});

describe('fit', () => {
  test('gives exactly the cells asked for', () => {
    for (const text of ['', 'a', 'web-1', '漢字の仮想マシン', 'z'.repeat(50)]) {
      for (const cells of [0, 1, 2, 7, 20]) {
        expect(width(toWidth(text, cells))).toBe(cells);
        expect(width(toWidth(text, cells, 'right'))).toBe(cells);
      }
    }
    expect(toWidth('7', 3, 'right')).toBe('  7');
  });
});

describe('wrap', () => {
  test('breaks at spaces, and long words where it must', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrap('', 4)).toEqual(['']);
  });

  test('no line is wider than asked, in any script', () => {
    for (const line of wrap('漢字の仮想マシン と 長い名前', 5)) expect(width(line)).toBeLessThanOrEqual(5);
  });
});

test('of a text of 4 MiB no more is looked at than there is room for', () => {
  const segment = vi.spyOn(Intl.Segmenter.prototype, 'segment');
  const endless = '漢'.repeat(2 ** 21);
  expect(width(truncate(endless, 80))).toBe(79);
  expect(wrap(endless, 80, 5)).toEqual(Array.from({ length: 5 }, () => '漢'.repeat(40)));
  expect(wrap(`${endless} end`, 80, 1)).toHaveLength(1);
  const looked = segment.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
  segment.mockRestore();
  expect(looked).toBeLessThan(20_000);
});

describe('graphemes', () => {
  test('splits as a person would', () => {
    expect(graphemes('ae\u0301漢')).toEqual(['a', 'e\u0301', '漢']);
    expect(graphemes('👨‍👩‍👧')).toHaveLength(1);
  });
});

test('what counts as narrow without looking takes one cell by the tables as well', () => {
  for (let code = 0x20; code < 0x10000; code += 1) {
    const character = String.fromCharCode(code);
    if (isNarrow(character))
      expect([code.toString(16), stringWidth(character)]).toEqual([code.toString(16), 1]);
  }
});
