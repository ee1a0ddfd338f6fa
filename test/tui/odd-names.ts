/** What guests and admins may call a domain, each of them trouble for a table. */
export const oddNames = [
  '漢字の仮想マシン',
  'emoji-🚀-👨‍👩‍👧-❤️',
  'red\u001B[31mred\u001B]0;owned\u0007',
  'line\nbreak\ttab\u0000nul\u009B31m',
  'bidi-\u202Egnp.exe\u2066x',
  'zero\u200Bwidth\uFEFF',
  'עברית-שרת',
  'café-Ünïcödé',
  'z'.repeat(200),
  'lone\uD800surrogate',
  'za\u0301\u0302\u0303\u0304\u0305\u0306\u0307lgo',
];
