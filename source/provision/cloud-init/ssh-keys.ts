import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { readSmallText } from '../../state/read-small-file.js';
import { readFailure } from '../../text/read-failure.js';
import type { DownloadError } from '../http/download-error.js';
import { isPrivateKey, keyTypes, type ParsedKey, parsePublicKey } from './public-key.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A key, and where it was found. */
export interface PublicKey extends ParsedKey {
  /** A path, a URL, "ssh agent", or "typed". */
  readonly source: string;
}

/** Keys could not be had from where a person said. */
export class KeySourceError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KeySourceError';
    this.hint = hint;
  }
}

/** Bytes; many keys, and no more than is read in a moment. */
const mostBytes = 256 * 1024;
/** Milliseconds: an agent that is forwarded over a dead connection does not answer. */
const agentTimeout = 3000;
/** Milliseconds for all of a URL. */
const urlTimeout = 15_000;

/** The best first, as ssh itself would offer them. */
const preferred = ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com', 'ecdsa-', 'sk-ecdsa-', 'ssh-rsa'];

/**
 * The keys that a person has: ~/.ssh/*.pub, and what their agent holds. What cannot be read is left out: this
 * finds defaults and never fails.
 *
 * @throws only the signal's reason
 */
export async function findKeys({
  home,
  env,
  signal,
}: {
  readonly home: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}): Promise<readonly PublicKey[]> {
  const [files, agent] = await Promise.all([keysOfFolder(join(home, '.ssh')), keysOfAgent(env, signal)]);
  signal.throwIfAborted();
  const found = new Map<string, PublicKey>();
  for (const key of [...files, ...agent]) {
    const identity = identityOf(key);
    if (!found.has(identity)) found.set(identity, key);
  }
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

/**
 * The keys that a person names: the key itself, a file ("~/.ssh/id_ed25519.pub", several keys in it are all
 * taken), or a URL ("https://github.com/NAME.keys").
 *
 * @throws KeySourceError that never repeats what could be a private key; the signal's reason
 */
export async function readKeys(
  source: string,
  context: { readonly home: string; readonly env: Environment; readonly signal: AbortSignal },
): Promise<readonly PublicKey[]> {
  context.signal.throwIfAborted();
  if (isKeyText(source)) return keysOf(source, 'typed', 'what was typed');
  const place = source.trim();
  const text = /^https?:\/\//i.test(place)
    ? await textOfUrl(place, context)
    : await textOfFile(place.replace(/^~(?=\/)/, context.home), context.signal);
  return keysOf(text, place, place);
}

function isKeyText(source: string): boolean {
  return (
    isPrivateKey(source) ||
    source.trim().includes('\n') ||
    source.split(/\s+/).some((word) => keyTypes.includes(word) || /^(?:ssh|ecdsa)-[\w-]+$/.test(word))
  );
}

/** Lines as in authorized_keys; every one of them must be a key. */
function keysOf(text: string, source: string, name: string): readonly PublicKey[] {
  const whole = parsePublicKey(text);
  // A private key has many lines, and is to be told as one.
  if (!('type' in whole) && isPrivateKey(text))
    throw new KeySourceError(`${name}: ${whole.message}`, whole.hint);
  const keys = text.split(/\r?\n/).flatMap((line, index): PublicKey[] => {
    if (/^\s*(?:#|$)/.test(line)) return [];
    const parsed = parsePublicKey(line);
    if ('type' in parsed) return [{ ...parsed, source }];
    throw new KeySourceError(`${name}, line ${index + 1}: ${parsed.message}`, parsed.hint);
  });
  if (keys.length === 0) throw new KeySourceError(`${name}: there is no SSH key in it`);
  return keys;
}

async function textOfFile(path: string, signal?: AbortSignal): Promise<string> {
  try {
    return await readSmallText(path, mostBytes, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new KeySourceError(
      readFailure(path, error),
      'give a file, a URL, or the key itself ("ssh-ed25519 AAAA… name@host")',
      { cause: error },
    );
  }
}

/** By https; plain HTTP is for this machine only. */
async function textOfUrl(
  url: string,
  { env, signal }: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<string> {
  const problem = URL.canParse(url) ? unsafe(new URL(url)) : 'this is no URL';
  if (problem !== undefined) throw new KeySourceError(`${url}: ${problem}`);
  // Seldom needed, and TLS takes its time to load.
  const [{ openSite }, { refused }] = await Promise.all([
    import('../http/site.js'),
    import('../http/download-error.js'),
  ]);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(urlTimeout)]);
  try {
    const site = openSite(env, urlTimeout);
    try {
      const answer = await site.get(url, { signal: limit, refuse: unsafe });
      if (!answer.ok) throw refused(url, answer);
      return await answer.text(mostBytes);
    } finally {
      site.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    const { message, hint } = error as DownloadError;
    const reason = limit.aborted ? `${url}: no answer in time` : message;
    throw new KeySourceError(reason, hint, { cause: error });
  }
}

/** Why keys are not loaded from there: whoever sits in between could add a key of theirs. */
function unsafe({ protocol, hostname }: URL): string | undefined {
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return undefined;
  return 'keys are loaded by https only: anyone in between could change them';
}

async function keysOfFolder(folder: string): Promise<readonly PublicKey[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.pub') && !name.endsWith('-cert.pub')).sort();
  const found = await Promise.all(files.map((name) => keysOfFile(join(folder, name))));
  return found.flat();
}

async function keysOfFile(path: string): Promise<readonly PublicKey[]> {
  try {
    return goodKeys(await textOfFile(path), path);
  } catch {
    return [];
  }
}

async function keysOfAgent(env: Environment, signal: AbortSignal): Promise<readonly PublicKey[]> {
  if (!env.SSH_AUTH_SOCK) return [];
  const result = await execa('ssh-add', ['-L'], {
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: agentTimeout,
    maxBuffer: mostBytes,
    cancelSignal: signal,
  });
  return result.failed ? [] : goodKeys(result.stdout, 'ssh agent');
}

/** Those lines that are keys. */
function goodKeys(text: string, source: string): readonly PublicKey[] {
  return text.split('\n').flatMap((line) => {
    const parsed = parsePublicKey(line);
    return 'type' in parsed ? [{ ...parsed, source }] : [];
  });
}

/** The same key has another comment in the agent. */
function identityOf({ type, text }: PublicKey): string {
  const words = text.split(/\s+/);
  return `${type} ${words[words.indexOf(type) + 1]}`;
}

function rank({ type }: PublicKey): number {
  return preferred.findIndex((beginning) => type.startsWith(beginning));
}
