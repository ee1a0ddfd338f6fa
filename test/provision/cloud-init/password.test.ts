import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { hashPassword, passwordProblem } from '../../../source/provision/cloud-init/password.js';
import { requires } from '../../support/requirements.js';

requires('openssl')('as OpenSSL does it', () => {
  test.each([
    ['x', 'abc'],
    ['pässwörd 日本 😀', '0123456789abcdef'],
    [' <&">\'$(id)`id`%s\\n\t', './09AZaz'],
    ['a'.repeat(63), 'a'],
    ['a'.repeat(64), 'ab'],
    ['ß'.repeat(32), 'abc'],
    ['ß'.repeat(65), 'abc'],
    ['a'.repeat(128), 'abc'],
    ['a'.repeat(129), 'abc'],
    ['a'.repeat(200), 'abcdefgh'],
  ])('%j is hashed as OpenSSL does it', (password, salt) => {
    const input = `${password}\n`;
    const expected = execFileSync('openssl', ['passwd', '-6', '-salt', salt, '-stdin'], {
      input,
      encoding: 'utf8',
    });
    expect(hashPassword(password, salt)).toBe(expected.trim());
  });

  test('every length is hashed as OpenSSL does it', () => {
    const lengths = [
      1, 2, 15, 16, 17, 31, 32, 33, 62, 63, 64, 65, 66, 95, 96, 97, 127, 128, 129, 191, 192, 193,
    ];
    const passwords = lengths.map((length) => 'p'.repeat(length));
    const input = passwords.map((password) => `${password}\n`).join('');
    const lines = execFileSync('openssl', ['passwd', '-6', '-salt', 'salt', '-stdin'], {
      input,
      encoding: 'utf8',
    });
    expect(passwords.map((password) => hashPassword(password, 'salt'))).toEqual(lines.trim().split('\n'));
  });
});

test('as libc does it, where the password is as long as a block', () => {
  const expected =
    '$6$ab$c.TLg7SQHNaEoA..eqaqRM4gozUpxuwpoWDjsxPAQSYPUU7888u17tjqdizBBsSnAShYIhNacQpXEETM.z0X2/';
  expect(hashPassword('a'.repeat(64), 'ab')).toBe(expected);
});

test('the salt is another one each time', () => {
  const hashes = Array.from({ length: 5 }, () => hashPassword('x'));
  expect(new Set(hashes).size).toBe(5);
  for (const hash of hashes) expect(hash).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/);
});

test.each(['', 'a\nb', 'a\0b', 'a\r', '\ud800', 'ß'.repeat(256)])('%j: nobody could log in', (password) => {
  expect(passwordProblem(password)).toBeDefined();
  expect(() => hashPassword(password)).toThrow(RangeError);
});

test('a salt that crypt does not read is refused', () => {
  for (const salt of ['', 'a$b', 'x'.repeat(17), 'é']) expect(() => hashPassword('x', salt)).toThrow('salt');
});

test('511 bytes are taken', () => {
  expect(passwordProblem('a'.repeat(511))).toBeUndefined();
});
