import { expect, test } from 'vitest';
import { detectCapabilities } from '../../../source/tui/terminal/capabilities.js';

test('LC_ALL beats LC_CTYPE beats LANG; an empty one does not count', () => {
  expect(detectCapabilities({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }).unicode).toBe(false);
  expect(detectCapabilities({ LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' }).unicode).toBe(true);
  expect(detectCapabilities({ LANG: 'en_US.UTF-8' }).unicode).toBe(true);
  expect(detectCapabilities({}).unicode).toBe(false);
});

test('NO_COLOR and terminals without colour are respected', () => {
  expect(detectCapabilities({ TERM: 'xterm-256color' }).colors).toBe(16);
  expect(detectCapabilities({ TERM: 'xterm', NO_COLOR: '1' }).colors).toBe(0);
  expect(detectCapabilities({ TERM: 'xterm', NO_COLOR: '' }).colors).toBe(16);
  expect(detectCapabilities({ TERM: 'vt220' }).colors).toBe(0);
});

test('the settings go before the environment, except that NO_COLOR is never overruled', () => {
  const dark = { theme: 'dark', symbols: 'ascii' } as const;
  expect(detectCapabilities({ TERM: 'vt220', LANG: 'C.UTF-8' }, dark)).toEqual({
    unicode: false,
    colors: 16,
    light: false,
  });
  expect(detectCapabilities({ TERM: 'xterm', NO_COLOR: '1' }, dark).colors).toBe(0);
  expect(detectCapabilities({ TERM: 'xterm' }, { theme: 'mono', symbols: 'unicode' })).toMatchObject({
    unicode: true,
    colors: 0,
  });
  expect(detectCapabilities({ TERM: 'xterm' }, { theme: 'light', symbols: 'auto' }).light).toBe(true);
});
