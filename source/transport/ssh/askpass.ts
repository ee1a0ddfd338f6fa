import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Ask, Prompt } from '../endpoint.js';

/**
 * The program that ssh starts for each thing it wants to be told. It hands the question to us in a file, and waits
 * for one line in a pipe that only this user can open: answers are never on a disk, in an argument or in the
 * environment. Where nobody wants to answer, or we are gone, it ends ssh: an askpass that merely fails would send
 * empty passwords to the host.
 */
const program = `#!/bin/sh
umask 077
q="$0.$$"
printf '%s' "$1" > "$q.question"
mkfifo "$q.answer" || exit 1
: > "$q.ready"
IFS= read -r answer < "$q.answer"
case "$answer" in
  a*) printf '%s\\n' "\${answer#a}" ;;
  *) kill "$PPID"; exit 1 ;;
esac
`;

export interface Askpass {
  /** For ssh: where to ask. */
  readonly env: Readonly<Record<string, string>>;
  /** True while a person is being asked: they may take their time. */
  readonly asking: boolean;
  /** They did not want to answer. */
  readonly declined: boolean;
  /** Takes all of it away. */
  close(): void;
}

export interface AskpassOptions {
  /** A folder of this user alone. */
  readonly folder: string;
  readonly host: string;
  readonly ask: Ask;
  readonly signal: AbortSignal;
  /** Why a question may come although this host was logged in to before; undefined: it was not. */
  readonly again?: string | undefined;
  /** Called when a question has come, and when it is answered. */
  readonly onChange: () => void;
}

/** A program that ends without waiting for its ssh leaves nothing behind. */
const unclosed = new Set<() => void>();

function closeAll(): void {
  for (const close of unclosed) close();
}

/** Answers the questions of one ssh through `ask`, one after the other. */
export function openAskpass(options: AskpassOptions): Askpass {
  const folder = join(options.folder, `ask-${randomBytes(6).toString('hex')}`);
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'askpass');
  writeFileSync(path, program, { mode: 0o700 });
  const seen = new Set<string>();
  const pipes: number[] = [];
  const state = { asking: false, declined: false, closed: false };
  let queue = Promise.resolve();
  const watcher = watch(folder, (_event, name) => {
    if (name === null || !name.endsWith('.ready') || seen.has(name)) return;
    seen.add(name);
    const question = join(folder, name.slice(0, -'.ready'.length));
    queue = queue.then(() => answer(question));
  });
  let asked: string | undefined;

  async function answer(question: string): Promise<void> {
    if (state.closed) return;
    const text = readFileSync(`${question}.question`, 'utf8').replace(/\0/g, '');
    const prompt = { ...promptOf(text), host: options.host };
    // Open for both ways, so that its reader need not be waited for, and until the end, so that it finds its line.
    const pipe = openSync(`${question}.answer`, constants.O_RDWR | constants.O_NONBLOCK);
    pipes.push(pipe);
    state.asking = true;
    options.onChange();
    try {
      const again = asked === text ? 'That was not right.' : options.again;
      const given = await options.ask({ ...prompt, again }, options.signal).catch(() => undefined);
      asked = text;
      if (given === undefined) state.declined = true;
      if (!state.closed) writeSync(pipe, given === undefined ? 'n\n' : `a${given.replace(/[\r\n]/g, '')}\n`);
    } finally {
      state.asking = false;
      options.onChange();
    }
  }

  const close = (): void => {
    if (state.closed) return;
    state.closed = true;
    unclosed.delete(close);
    if (unclosed.size === 0) process.off('exit', closeAll);
    watcher.close();
    for (const pipe of pipes) closeSync(pipe);
    rmSync(folder, { recursive: true, force: true });
  };
  if (unclosed.size === 0) process.once('exit', closeAll);
  unclosed.add(close);

  return {
    env: {
      SSH_ASKPASS: path,
      SSH_ASKPASS_REQUIRE: 'force',
      // OpenSSH before 8.4 asks this way only where it believes in a display.
      DISPLAY: process.env.DISPLAY || ':0',
    },
    get asking() {
      return state.asking;
    },
    get declined() {
      return state.declined;
    },
    close,
  };
}

/** What ssh asks (SSH_ASKPASS_PROMPT is empty for all of it), by its text. */
function promptOf(text: string): Pick<Prompt, 'kind' | 'text'> {
  if (/\(yes\/no(?:\/\[fingerprint\])?\)\?|type 'yes'/.test(text)) {
    return { kind: 'confirm', text: text.replace(/\s*\(yes\/no[^)]*\)\?\s*$/, '?') };
  }
  // A password, a passphrase, a PIN, a one-time code: nothing of it is for others' eyes.
  return { kind: 'secret', text: text.trim() };
}
