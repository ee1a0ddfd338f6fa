import { expect, test } from 'vitest';
import { jsonText } from '../../source/text/json.js';

test.each([
  ['C0 controls', '\u0000\u001b[2J\r\n\t'],
  ['DEL and C1 controls', '\u007f\u0080\u009b31m'],
  ['bidi controls', '\u061c\u200e\u200f\u202a\u202e\u2066\u2069'],
  ['what has no width', '\u200b\u200d\u2060\ufeff\u00ad\u034f\u115f'],
  ['line and paragraph separators', '\u2028\u2029'],
  ['tags', '\u{e0001}\u{e0041}\u{e007f}'],
  ['half characters', '\ud83d \udc27'],
])('%s are escaped, in keys as well, and read back as they were', (_, odd) => {
  for (const indent of [0, 2]) {
    const text = jsonText({ [odd]: [odd] }, indent);
    expect(JSON.parse(text)).toEqual({ [odd]: [odd] });
    expect(text.replaceAll('\n', '')).toMatch(/^[ -~]*$/);
  }
});

test('text that people can read stays, lines stay apart, and a number that is none is null', () => {
  expect(jsonText({ name: 'wêb-日本 🐧', load: Number.NaN }, 2)).toBe(
    '{\n  "name": "wêb-日本 🐧",\n  "load": null\n}',
  );
});
