import { expect, test } from 'vitest';
import { readFailure } from '../../source/text/read-failure.js';

test('a socket in place of a file is told in words, not by a number of the system', () => {
  const error = Object.assign(new Error("ENXIO: no such device or address, open '/run/x'"), {
    code: 'ENXIO',
  });
  expect(readFailure('/run/x', error)).toBe(
    '/run/x: it is a socket or a device that is not there, and no regular file',
  );
});
