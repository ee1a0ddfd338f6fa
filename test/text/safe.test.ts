import { describe, expect, test } from 'vitest';
import { dataFor, joined, literal, safe, safeAscii, safeBlock, safeLines } from '../../source/text/safe.js';

/** Everything a terminal acts on or that hides: none of it may survive. */
const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('safe', () => {
  test('leaves ordinary names as they are, in any script', () => {
    for (const name of ['web-1', 'db 2 (test)', '漢字', 'café', 'Ünïcödé', 'עברית', '🚀'])
      expect(safe(name)).toBe(name);
  });

  test('no escape sequence survives, whatever introduces or ends it', () => {
    expect(safe('a\u001B[31mred')).toBe('a·[31mred');
    expect(safe('\u001B]0;title\u0007')).toBe('·]0;title·');
    expect(safe('\u009B31m\u009D0;x\u009C')).toBe('·31m·0;x·');
    expect(safe('\u007F\u0000\b')).toBe('···');
  });

  test('line breaks and tabs become spaces', () => {
    expect(safe('one\r\ntwo\nthree\tfour\u2028five\u0085six')).toBe('one two three four five six');
  });

  test('what reorders or hides text becomes visible', () => {
    expect(safe('\u202Eexe.gpj')).toBe('·exe.gpj');
    expect(safe('pay\u200Bpal')).toBe('pay·pal');
    expect(safe('a\u2066b\u2069')).toBe('a·b·');
    expect(safe('soft\u00ADhyphen\uFEFF')).toBe('soft·hyphen·');
    expect(safe('tag\u{E0041}')).toBe('tag·');
    expect(safe('filler\u3164')).toBe('filler·');
  });

  test('half a surrogate pair becomes visible, a whole one stays', () => {
    expect(safe('a\uD83Db')).toBe('a·b');
    expect(safe('\uDE80')).toBe('·');
    expect(safe('🚀')).toBe('🚀');
  });

  test('a stack of accents is cut to what fits a line', () => {
    expect(safe(`z${'\u0301'.repeat(50)}`)).toBe(`z${'\u0301'.repeat(4)}`);
  });

  test('no code point of Unicode gets dangerous text through', () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const out = safe(`a${String.fromCodePoint(code)}b`);
      if (dangerous.test(out)) throw new Error(`U+${code.toString(16)} gives ${JSON.stringify(out)}`);
    }
  });

  test('in an ASCII terminal everything else is a question mark', () => {
    expect(safeAscii('漢-é-e\u0301-\u001B')).toBe('?-?-e-?');
  });

  test('safeLines keeps the line breaks and nothing else', () => {
    expect(safeLines('one\ntwo\u001B[2J')).toEqual(['one', 'two·[2J']);
  });
});

test('a block keeps its lines and tabs, and nothing else that a terminal acts on', () => {
  expect(safeBlock('a\u001B[2J\tb\r\n\n\u009Bc\n')).toBe('a·[2J\tb\n\n·c\n');
});

test('data goes to a pipe as it is, to a terminal safe', () => {
  const xml = '<name>a\u009B31m</name>\r\n\t<x/>\n';
  expect(dataFor({}, xml)).toBe(xml);
  expect(dataFor({ isTTY: false }, xml)).toBe(xml);
  expect(dataFor({ isTTY: true }, xml)).toBe('<name>a·31m</name>\n\t<x/>\n');
});

test('safe texts and numbers make safe text', () => {
  expect(literal`\u001B[1m${safe('a\u001Bb')}\u001B[0m ${3}\n`).toBe('\u001B[1ma·b\u001B[0m 3\n');
  expect(joined(['a', 'b'].map(safe), literal`\n`)).toBe('a\nb');
});
