import { createHash } from 'node:crypto';

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const rounds = 5000;
const blockSize = 64;

/**
 * SHA-512 crypt with its usual 5000 rounds (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512"; the numbers
 * below are its steps). The library unixcrypt 3.0.4 gives another result than libc where the password has 64,
 * 128, … bytes, and sha512-crypt-ts 0.1.27 where it has an emoji: nobody could log in with those.
 *
 * @param salt 1 to 16 characters of the alphabet
 */
export function sha512Crypt(password: string, salt: string): string {
  const key = Buffer.from(password);
  const salted = Buffer.from(salt);
  // 4 to 12
  const inner = digest(key, salted, key);
  const bits = key.length.toString(2).split('').reverse();
  let sum = digest(
    key,
    salted,
    repeated(inner, key.length),
    ...bits.map((bit) => (bit === '1' ? inner : key)),
  );
  // 13 to 20
  const keySequence = repeated(digest(...Array<Buffer>(key.length).fill(key)), key.length);
  const saltSum = digest(...Array<Buffer>(16 + (sum[0] ?? 0)).fill(salted));
  const saltSequence = repeated(saltSum, salted.length);
  // 21
  for (let round = 0; round < rounds; round += 1) {
    const isOdd = round % 2 === 1;
    sum = digest(
      isOdd ? keySequence : sum,
      ...(round % 3 === 0 ? [] : [saltSequence]),
      ...(round % 7 === 0 ? [] : [keySequence]),
      isOdd ? sum : keySequence,
    );
  }
  return `$6$${salt}$${encoded(sum)}`;
}

function digest(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A digest over and over, up to a length. */
function repeated(block: Buffer, length: number): Buffer {
  return Buffer.concat(Array<Buffer>(Math.ceil(length / blockSize)).fill(block)).subarray(0, length);
}

/** 22: three bytes are four letters; the bytes are taken from the three thirds in turn. */
function encoded(sum: Buffer): string {
  const groups = Array.from({ length: 21 }, (_, index) => {
    const bytes = [index, index + 21, index + 42];
    const [first = 0, second = 0, third = 0] = rotated(bytes, index).map((at) => sum[at]);
    return letters((first << 16) | (second << 8) | third, 4);
  });
  return `${groups.join('')}${letters(sum[63] ?? 0, 2)}`;
}

/** The second group begins with the second third, the third one with the last. */
function rotated(bytes: readonly number[], index: number): readonly number[] {
  const by = index % 3;
  return [...bytes.slice(by), ...bytes.slice(0, by)];
}

function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >> (6 * index)) & 63]).join('');
}
