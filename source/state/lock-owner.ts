import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAlive, ownMark, type ProcessMark } from './process-mark.js';

/** Milliseconds: a lock is made with its text, and one without has nobody. */
const nobodysAfter = 1000;
/** Milliseconds without a sign of life of an owner that cannot be looked at. */
const silentAfter = 30_000;

/** Who has a lock. */
export interface LockOwner extends ProcessMark {
  /** Undefined: of this machine, by an earlier version. */
  readonly host: string | undefined;
  /** Of the kernel: another one of the same host is from before its restart. */
  readonly boot: string | undefined;
  /** On another machine, or in a container: its process cannot be seen from here. */
  readonly elsewhere: boolean;
}

/** What a lock of this process says; no two are alike. */
export async function ownText(): Promise<string> {
  const owner = { ...(await ownMark()), host: hostname(), boot: await ownBoot(), token: randomUUID() };
  return `${JSON.stringify(owner)}\n`;
}

/** Reads also what earlier versions wrote: "PID HOST TOKEN" beside the settings. Undefined: nobody's. */
export function ownerOf(text: string): LockOwner | undefined {
  const { pid, started, host, boot } = fieldsOf(text);
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const known = textOf(host);
  return {
    pid,
    started: textOf(started),
    host: known,
    boot: textOf(boot),
    elsewhere: known !== undefined && known !== hostname(),
  };
}

/** Whether nobody has the lock file any more. */
export async function isAbandoned(path: string, owner: LockOwner | undefined): Promise<boolean> {
  if (owner === undefined) return isOlder(path, nobodysAfter);
  if (owner.elsewhere) return isOlder(path, silentAfter);
  const boot = await ownBoot();
  if (owner.boot !== undefined && boot !== undefined && owner.boot !== boot) return true;
  if (!(await isAlive(owner))) return true;
  // A number alone may be another process's by now.
  return owner.started === undefined && isOlder(path, silentAfter);
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  const [, pid, host] = /^(\d+) (\S+) \S+\s*$/.exec(text) ?? [];
  if (pid !== undefined) return { pid: Number(pid), host };
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Linux tells it; undefined elsewhere. */
async function ownBoot(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || undefined;
}

async function isOlder(path: string, age: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > age;
}
