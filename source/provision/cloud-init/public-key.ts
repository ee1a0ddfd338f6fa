import type { Problem } from './request.js';

/** A public key as a line of an authorized_keys file has it. */
export interface ParsedKey {
  /** "ssh-ed25519" */
  readonly type: string;
  /** The whole line, options included, without spaces at its ends. */
  readonly text: string;
  readonly comment: string;
}

type Reason = Omit<Problem, 'field'>;

/** What a key's data consists of behind its type (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4, PROTOCOL.u2f). */
const shapes: Readonly<Record<string, (fields: readonly Buffer[]) => boolean>> = {
  'ssh-ed25519': (fields) => fields.length === 1 && fields[0]?.length === 32,
  'ssh-rsa': (fields) => fields.length === 2 && modulusBits(fields[1]) >= 1024,
  'ecdsa-sha2-nistp256': (fields) => isPoint(fields, 'nistp256', 65) && fields.length === 2,
  'ecdsa-sha2-nistp384': (fields) => isPoint(fields, 'nistp384', 97) && fields.length === 2,
  'ecdsa-sha2-nistp521': (fields) => isPoint(fields, 'nistp521', 133) && fields.length === 2,
  'sk-ssh-ed25519@openssh.com': (fields) => fields.length === 2 && fields[0]?.length === 32,
  'sk-ecdsa-sha2-nistp256@openssh.com': (fields) => isPoint(fields, 'nistp256', 65) && fields.length === 3,
};

export const keyTypes: readonly string[] = Object.keys(shapes);

/** Longer than any key that ssh-keygen makes (RSA of 16384 bits), with room for options. */
const longest = 16_384;

const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|PuTTY-User-Key-File-|b3BlbnNzaC1rZXktdjE|AGE-SECRET-KEY-/;

/**
 * Reads one key. Options before it (`from="…"`, `restrict`) are kept: a key that its owner has bounds for would
 * open more without them.
 *
 * @returns the reason where it is none; it never repeats what was typed
 */
export function parsePublicKey(line: string): ParsedKey | Reason {
  const text = line.trim();
  const reason = wholeProblem(text);
  if (reason !== undefined) return reason;
  const words = splitLine(text);
  const at = words.findIndex((word) => keyTypes.includes(word));
  // Options are one word without spaces outside of quotes.
  if (at === -1 || at > 1) return typeProblem(words);
  const [type = '', data = ''] = words.slice(at);
  const fields = fieldsOf(data);
  if (fields === undefined || fields.shift()?.toString('latin1') !== type) {
    return {
      message: `the data of this ${type} key is damaged or cut off`,
      hint: 'copy the whole line of the .pub file',
    };
  }
  if (!(shapes[type]?.(fields) ?? false)) {
    return type === 'ssh-rsa' && modulusBits(fields[1]) < 1024
      ? { message: 'this RSA key is too short for sshd', hint: 'make one by `ssh-keygen -t ed25519`' }
      : { message: `the data of this ${type} key has the wrong length`, hint: 'copy the whole line' };
  }
  return { type, text, comment: words.slice(at + 2).join(' ') };
}

export function publicKeyProblem(line: string): Reason | undefined {
  const parsed = parsePublicKey(line);
  return 'type' in parsed ? undefined : parsed;
}

export function isPrivateKey(text: string): boolean {
  return privateKey.test(text);
}

function wholeProblem(text: string): Reason | undefined {
  if (isPrivateKey(text)) {
    return {
      message: 'this is a PRIVATE key: it must never leave your machine',
      hint: 'give the public one, the file that ends in .pub; if this one was sent anywhere, make a new pair',
    };
  }
  if (text === '') return { message: 'an SSH key is not empty' };
  if (text.startsWith('-----BEGIN') || text.startsWith('---- BEGIN')) {
    return {
      message: 'this key is not in the form of OpenSSH',
      hint: '`ssh-keygen -i -f FILE` (add `-m PKCS8` for PEM) turns it into one line',
    };
  }
  if (text.length > longest) return { message: 'this is too long for an SSH key' };
  if (/[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|\p{Cs}/u.test(text)) {
    return { message: 'an SSH key is one line', hint: 'give several keys one by one' };
  }
  return undefined;
}

function typeProblem(words: readonly string[]): Reason {
  const types = words.slice(0, 2);
  if (types.some((word) => word.endsWith('-cert-v01@openssh.com'))) {
    return { message: 'this is a certificate, not a key', hint: 'give the .pub file without "-cert"' };
  }
  if (types.includes('ssh-dss')) {
    return { message: 'sshd takes no DSA keys any more', hint: 'make one by `ssh-keygen -t ed25519`' };
  }
  return { message: 'this is not a public SSH key', hint: 'it looks like "ssh-ed25519 AAAA… name@host"' };
}

/** Words of a line; quotes of options hold spaces, and `\"` is a quote in them (sshd(8)). */
function splitLine(text: string): string[] {
  return text.match(/(?:"(?:\\"|[^"])*"|[^\s"]|")+/g) ?? [];
}

/** The length-prefixed fields of a key's data; undefined where they do not fill it exactly. */
function fieldsOf(base64: string): Buffer[] | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const data = Buffer.from(base64, 'base64');
  if (data.toString('base64').replace(/=+$/, '') !== base64.replace(/=+$/, '')) return undefined;
  const fields: Buffer[] = [];
  let at = 0;
  while (at < data.length) {
    if (at + 4 > data.length) return undefined;
    const end = at + 4 + data.readUInt32BE(at);
    if (end > data.length) return undefined;
    fields.push(data.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function isPoint(fields: readonly Buffer[], curve: string, length: number): boolean {
  const [name, point] = fields;
  return name?.toString('latin1') === curve && point?.length === length && point[0] === 4;
}

function modulusBits(modulus: Buffer | undefined): number {
  if (modulus === undefined || modulus.length > 4096) return 0;
  const hex = modulus.toString('hex').replace(/^0+/, '');
  return hex === '' ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0] ?? '0', 16)) + 28;
}
