import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Ask, Prompt } from '../endpoint.js';

/**
 * The program that ssh starts for each thing it wants to be told. It hands the question to us in a file, and waits
 * for one line in a pipe that only this user can open, and that we hold open as long as we live: answers are never on a disk, in an argument or in the
 * environment. Where nobody wants to answer, or we are gone, it ends ssh: an askpass that merely fails would send
 * empty passwords to the host. $SSH_ASKPASS_PROMPT is "confirm" where its status is the answer, and "none" where
 * there is none: ssh ends it once a key was touched.
 */
const program = `#!/bin/sh
umask 077
trap 'kill "$PPID"; exit 1' EXIT
d="\${0%/*}"
q="$PPID.$$"
# Whether somebody holds the pipe or not, this does not wait, and reading ends at once where nobody does.
exec 3<> "$d/answer" 4< "$d/answer" 3>&-
printf '%s' "$1" > "$d/$q.question"
: > "$d/$q.ready.$SSH_ASKPASS_PROMPT"
IFS= read -r answer <&4
case "$answer" in a*) trap - EXIT ;; *) exit 1 ;; esac
case "$SSH_ASKPASS_PROMPT" in
  confirm) [ "$answer" = ayes ] ;;
  *) printf '%s\\n' "\${answer#a}" ;;
esac
`;

export interface Askpass {
  /** For ssh: where to ask. */
  readonly env: Readonly<Record<string, string>>;
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
  /** Called with what ssh wants to be done, and waits for without an answer: "Confirm user presence for key …". */
  readonly onNews: (text: string) => void;
  /** Why a question may come although this host was logged in to before; undefined: it was not. */
  readonly again?: string | undefined;
}

const prefix = 'ask-';

/** Characters that a pipe takes whole; ssh itself takes 1,023 bytes. */
const longestAnswer = 10_000;

/** What programs have left that could not take it away: they were killed while they asked. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isNaN(pid) && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A program that ends without waiting for its ssh leaves nothing behind. */
const unclosed = new Set<() => void>();

function closeAll(): void {
  for (const close of unclosed) close();
}

/** Answers the questions of one ssh, and of those that it starts, through `ask`, one after the other. */
export async function openAskpass(options: AskpassOptions): Promise<Askpass> {
  const folder = join(options.folder, `${prefix}${process.pid}-${randomBytes(6).toString('hex')}`);
  sweep(options.folder);
  mkdirSync(folder, { mode: 0o700 });
  const path = join(folder, 'askpass');
  writeFileSync(path, program, { mode: 0o700 });
  await promisify(execFile)('mkfifo', ['-m', '600', join(folder, 'answer')]);
  // For both ways, so that opening it need not wait for a reader.
  const pipe = openSync(join(folder, 'answer'), constants.O_RDWR | constants.O_NONBLOCK);
  const seen = new Set<string>();
  const asked = new Set<string>();
  const state = { declined: false, closed: false };
  let queue = Promise.resolve();
  const watcher = watch(folder, (_event, name) => {
    const [, question, wish] = /^(\d+\.\d+)\.ready\.(.*)$/.exec(name ?? '') ?? [];
    if (question === undefined || seen.has(question) || state.closed) return;
    seen.add(question);
    queue = queue.then(() => answer(question, wish)).catch(refuse);
  });

  async function answer(question: string, wish: string | undefined): Promise<void> {
    if (state.closed) return;
    const text = readFileSync(join(folder, `${question}.question`), 'utf8').replace(/\0/g, '');
    if (wish === 'none') return options.onNews(text.trim());
    // A jump host's ssh asks for the same key's passphrase as the one that goes on from there.
    const whose = `${question.split('.')[0]} ${text}`;
    const again = asked.has(whose) ? 'That was not right.' : options.again;
    asked.add(whose);
    const prompt = { ...promptOf(text, wish), host: options.host, again };
    const given = await options.ask(prompt, options.signal).catch(() => undefined);
    if (given === undefined) state.declined = true;
    if (state.closed) return;
    const line = given?.replace(/[\r\n\0]/g, '');
    if (line === undefined || line.length > longestAnswer) refuse();
    else writeSync(pipe, `a${line}\n`);
  }

  function refuse(): void {
    if (!state.closed) writeSync(pipe, 'n\n');
  }

  const close = (): void => {
    if (state.closed) return;
    state.closed = true;
    unclosed.delete(close);
    if (unclosed.size === 0) process.off('exit', closeAll);
    watcher.close();
    closeSync(pipe);
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
    get declined() {
      return state.declined;
    },
    close,
  };
}

/** What ssh asks: it says "confirm" for an agent's questions only, all others are told by their text. */
function promptOf(text: string, wish: string | undefined): Pick<Prompt, 'kind' | 'text'> {
  if (wish === 'confirm') return { kind: 'confirm', text: text.trim() };
  if (/\(yes\/no(?:\/\[fingerprint\])?\)\?|type 'yes'/.test(text)) {
    return { kind: 'confirm', text: text.replace(/\s*\(yes\/no[^)]*\)\?\s*$/, '?') };
  }
  // A password, a passphrase, a PIN, a one-time code: nothing of it is for others' eyes.
  return { kind: 'secret', text: text.trim() };
}
