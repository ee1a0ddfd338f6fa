import { randomBytes } from 'node:crypto';
import { sha512Crypt } from './sha512-crypt.js';

/** libxcrypt hashes no more than this (CRYPT_MAX_PASSPHRASE_SIZE - 1), and PAM reads no more. */
const mostBytes = 511;

/** Why nobody could log in with this password; never repeats it. */
export function passwordProblem(password: string): string | undefined {
  if (password === '') return 'a password is not empty';
  if (/[\0\r\n]|\p{Cs}/u.test(password)) return 'a password is one line of text';
  if (Buffer.byteLength(password) > mostBytes) return `a password has ${mostBytes} bytes at most`;
  return undefined;
}

/**
 * The hash that goes to /etc/shadow: SHA-512 crypt, "$6$SALT$…", which every distribution reads.
 *
 * @param salt 1 to 16 of "./0-9A-Za-z"; a random one of 96 bits where it is left out
 * @throws RangeError for a password that nobody could log in with, and for another salt
 */
export function hashPassword(password: string, salt = randomSalt()): string {
  const problem = passwordProblem(password);
  if (problem !== undefined) throw new RangeError(problem);
  if (!/^[./0-9A-Za-z]{1,16}$/.test(salt)) throw new RangeError('a salt has 1 to 16 of ./0-9A-Za-z');
  return sha512Crypt(password, salt);
}

/** Whether a hash of `hashPassword` is that of this password. */
export function passwordFits(password: string, hash: string): boolean {
  const [, , salt = ''] = hash.split('$');
  return passwordProblem(password) === undefined && hashPassword(password, salt) === hash;
}

/** 12 bytes are 16 letters. */
function randomSalt(): string {
  return randomBytes(12).toString('base64').replaceAll('+', '.');
}
