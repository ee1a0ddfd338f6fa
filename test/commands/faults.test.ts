import { expect, test } from 'vitest';
import type { ProcedureName } from '../../source/lab/server/handler.js';
import { type Ended, type Kind, type Line, runLine } from './fault-bed.js';

const kinds: readonly Kind[] = ['error', 'drop', 'silent', 'hang', 'garbage', 'truncate'];
/** A creation makes many calls: what damages an answer otherwise is like a connection that ends. */
const kindsOfCreation: readonly Kind[] = [...kinds.slice(0, 4), 'stuck'];

const before = ['vol upload default up.img FILE'];
const vm = 'create new-1 --image FILE --user isabell --ssh-key KEY';

/** Every command, with what makes it call most. */
const lines: readonly Line[] = [
  { words: 'list --all' },
  { words: 'list --json --interval 0.01 --address' },
  { words: 'list --name' },
  { words: 'start cache-1' },
  { words: 'start cache-1 --wait' },
  { words: 'shutdown web-1' },
  { words: 'shutdown web-1 --wait' },
  { words: 'reboot web-1' },
  { words: 'reboot web-1 --wait --timeout 0.5' },
  { words: 'destroy web-1' },
  { words: 'destroy web-1 --wait' },
  { words: 'suspend web-1' },
  { words: 'resume web-1', before: ['suspend web-1'] },
  { words: 'console web-1' },
  { words: 'ssh web-1 --print' },
  { words: 'undefine cache-1 --remove-all-storage' },
  { words: 'undefine web-1 --force' },
  { words: 'connection test URI' },
  { words: 'net list --all' },
  { words: 'net start staging' },
  { words: 'net stop isolated' },
  { words: 'net autostart default off' },
  { words: 'net leases default' },
  { words: 'net dumpxml default' },
  { words: 'pool list --all' },
  { words: 'pool start nas' },
  { words: 'pool stop isos' },
  { words: 'pool refresh default' },
  { words: 'pool autostart default off' },
  { words: 'pool dumpxml default' },
  { words: 'vol list default' },
  { words: 'vol create default new.qcow2 1G' },
  { words: 'vol create default new.qcow2 1G --backing web-1.qcow2' },
  { words: 'vol clone default up.img copy.img', before },
  { words: 'vol resize default up.img +1M', before },
  { words: 'vol delete default up.img', before },
  { words: 'vol upload default new.img FILE' },
  { words: 'vol upload default new.img FILE --json' },
  { words: 'vol download default up.img TARGET --verify', before },
  { words: 'vol chain default web-1.qcow2' },
  { words: 'vol dumpxml default web-1.qcow2' },
  { words: `${vm} --dry-run` },
  { words: vm },
  { words: `${vm} --no-wait --json` },
];

/** What opens and closes a connection is the same for all: these stand for them. */
const opening: readonly ProcedureName[] = [
  'AUTH_LIST',
  'CONNECT_SUPPORTS_FEATURE',
  'CONNECT_OPEN',
  'CONNECT_CLOSE',
];
const openers: readonly string[] = [
  'list --all',
  'net list --all',
  'console web-1',
  'connection test URI',
  `${vm} --no-wait --json`,
];

/**
 * What a driver need not have, or tell: where it is refused the answer has a blank, and what was asked for is done
 * all the same. Not where it is what was asked for.
 */
const detail = /_GET_|_LIST_|_LOOKUP_BY_PATH$|_INTERFACE_ADDRESSES$|_REGISTER_|^STORAGE_POOL_REFRESH$/;
const askedFor: readonly (readonly [line: RegExp, procedure: RegExp])[] = [
  [/^list/, /^CONNECT_GET_ALL_DOMAIN_STATS$/],
  [/^(start|shutdown|reboot|destroy|suspend|resume|console|undefine)/, /^CONNECT_LIST_ALL_DOMAINS$/],
  [/^net/, /^CONNECT_LIST_ALL_NETWORKS$/],
  [/^net (list|dumpxml)/, /^NETWORK_GET_XML_DESC$/],
  [/^net leases/, /^NETWORK_GET_DHCP_LEASES$/],
  [/^(pool|vol)/, /^CONNECT_LIST_ALL_STORAGE_POOLS$/],
  [/^pool (list|dumpxml)/, /^STORAGE_POOL_GET_(XML_DESC|INFO)$/],
  [/^pool refresh/, /^STORAGE_POOL_REFRESH$/],
  [/^vol (list|dumpxml|download|clone)/, /^STORAGE_VOL_GET_XML_DESC$/],
];

/** Where the work is done before the call, or only shown more of by it. */
const besides: readonly (readonly [line: RegExp, procedure: RegExp])[] = [
  [/./, /^CONNECT_CLOSE$/],
  [/^create/, /^DOMAIN_OPEN_CONSOLE$/],
  [/^vol upload/, /^STORAGE_POOL_REFRESH$/],
  // Whom it cuts off, or lets in again.
  [/^net (start|stop)/, /^(NETWORK_GET_XML_DESC|CONNECT_LIST_ALL_DOMAINS|DOMAIN_GET_XML_DESC)$/],
];

function mayExitWith0(words: string, procedure: ProcedureName, kind: Kind): boolean {
  const is = ([line, name]: readonly [RegExp, RegExp]): boolean => line.test(words) && name.test(procedure);
  return besides.some(is) || (kind === 'error' && detail.test(procedure) && !askedFor.some(is));
}

test.concurrent.each(lines)(
  '$words',
  async (line) => {
    const clean = await runLine(line);
    expect(clean, clean.stderr).toMatchObject({ code: 0 });
    const called = clean.called.filter((name) => openers.includes(line.words) || !opening.includes(name));
    const found: string[] = [];
    for (const procedure of called) {
      for (const kind of line.words.startsWith('create') ? kindsOfCreation : kinds) {
        const ended = await runLine(line, { procedure, kind });
        // What a creation asks while it waits depends on how soon the guest is up.
        if (!ended.struck && line.words.startsWith('create')) continue;
        const wrong = wrongWith(ended, kind);
        const fine = mayExitWith0(line.words, procedure, kind);
        if (wrong !== undefined && !(wrong === 'it exits with 0' && fine))
          found.push(`${procedure}, ${kind}: ${wrong}: ${ended.stdout}${ended.stderr}`);
      }
    }
    expect(found).toEqual([]);
  },
  200_000,
);

/** What a creation calls to take back what it has made. */
const takingBack: readonly ProcedureName[] = [
  'DOMAIN_LOOKUP_BY_NAME',
  'DOMAIN_UNDEFINE_FLAGS',
  'STORAGE_POOL_LOOKUP_BY_NAME',
  'STORAGE_VOL_LOOKUP_BY_NAME',
  'STORAGE_VOL_DELETE',
];

test.concurrent.each(takingBack)(
  'Ctrl-C ends a creation whose taking back hangs at %s, and says what is left',
  async (procedure) => {
    const signalAt = 'DOMAIN_CREATE_WITH_FLAGS';
    const ended = await runLine({ words: vm }, { procedure, kind: 'stuck', signalAt });
    expect(wrongWith(ended, 'stuck'), ended.stderr).toBe(undefined);
    expect(ended.stderr).toMatch(/left behind: .*: no answer to /);
    expect(ended.stderr).toContain('virtdeck create --cleanup');
    expect(ended.there).not.toEqual([]);
  },
);

/** What a person would notice of an end that is none of a good program. */
function wrongWith({ code, stdout, stderr, struck, there, noted }: Ended, kind: Kind): string | undefined {
  if (!struck) return 'the call was not made';
  const text = stdout + stderr;
  if (/[^\n -~\u00a0-\u{10ffff}]|[\u202a-\u202e]/u.test(text)) return 'a control character';
  if (/(?<!has been )\bundefined\b|NaN|Infinity|\n {4}at |mistake of this program/.test(text))
    return 'odd words';
  const stays = code === 0 || /is made and runs|uploaded|"done"/.test(text);
  if (there.some((name) => /^new-1|^new.img|^small/.test(name)) && !noted && !stays)
    return `nobody knows of ${there.join(', ')}`;
  if ((kind === 'hang' || kind === 'stuck') && code !== 130) return `it exits with ${code} after Ctrl-C`;
  // An answer without content cannot be cut short.
  if (code === 0 && kind !== 'truncate') return 'it exits with 0';
  if (code !== 0 && kind !== 'hang' && kind !== 'stuck' && !/error|failed|connection/i.test(text))
    return 'nothing is said';
  return undefined;
}
