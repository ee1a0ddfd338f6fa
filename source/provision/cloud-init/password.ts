import { encrypt } from 'unixcrypt';

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
 * @param salt 1 to 16 of "./0-9A-Za-z"; a random one where it is left out
 * @throws RangeError for a password that nobody could log in with
 */
export function hashPassword(password: string, salt?: string): string {
  const problem = passwordProblem(password);
  if (problem !== undefined) throw new RangeError(problem);
  return encrypt(password, salt === undefined ? undefined : `$6$${salt}`);
}
