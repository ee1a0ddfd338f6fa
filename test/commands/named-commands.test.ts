import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../source/commands/command.js';
import { commands } from '../../source/commands/registry.js';
import { hintedCommands } from '../../source/libvirt/hints.js';

/** What follows the program's name in prose. */
const prose = new Set(['downloads', 'may', 'knows', 'and', 'has']);

interface Named {
  /** Where it stands, and how. */
  readonly where: string;
  readonly words: readonly string[];
}

/** Every command line of virtdeck that a message, hint or page of the sources names. */
const named: readonly Named[] = [
  ...hintedCommands.map((words) => ({ where: 'libvirt/hints.ts', words })),
  ...readdirSync('source', { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => namedIn(path, readFileSync(join('source', path), 'utf8'))),
];

function namedIn(path: string, text: string): Named[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const written = [...code.matchAll(/\bvirtdeck((?: (?:--?)?[a-z][a-z-]*)+)/g)].map(([, line = '']) =>
    line.trim().split(' '),
  );
  const built = [...code.matchAll(/virtdeckLine\(\s*[^,]+,((?:\s*'[a-z-]+',?)+)/g)].map(([, list = '']) =>
    [...list.matchAll(/'([a-z-]+)'/g)].map(([, word = '']) => word),
  );
  return [...written, ...built]
    .filter(([first = '']) => !prose.has(first) && !first.startsWith('-'))
    .map((words) => ({ where: path, words }));
}

/** What is wrong with a command line, or undefined. */
async function wrongWith([name = '', ...rest]: readonly string[]): Promise<string | undefined> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) return `there is no command ${name}`;
  const command = await entry.load();
  const subcommands = subcommandsOf(name, command);
  const [first] = rest;
  if (subcommands.size > 0 && first !== undefined && !subcommands.has(first))
    return `${name} has no ${first}`;
  const flag = rest.find((word) => word.startsWith('--') && !hasFlag(command, word.slice(2)));
  return flag === undefined ? undefined : `${name} has no option ${flag}`;
}

/** Those that its usage shows: "$ virtdeck net start NAME…". */
function subcommandsOf(name: string, { usage }: Command): ReadonlySet<string> {
  const shown = [...usage.matchAll(new RegExp(`\\$ virtdeck ${name} ([a-z-]+)(?= |$)`, 'gm'))];
  return new Set(
    name === 'lab' || !['net', 'pool', 'vol', 'connection'].includes(name)
      ? []
      : shown.map(([, word = '']) => word),
  );
}

function hasFlag({ flags }: Command, flag: string): boolean {
  return (
    ['help', 'version'].includes(flag) || Object.hasOwn(flags, flag) || Object.hasOwn(flags, camel(flag))
  );
}

const camel = (flag: string): string =>
  flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

describe('the commands that messages and hints name', () => {
  it('are found', () => {
    expect(named.map(({ words }) => words.slice(0, 2).join(' '))).toEqual(
      expect.arrayContaining([
        'create --cleanup',
        'create --images',
        'net start',
        'pool start',
        'vol delete',
      ]),
    );
  });

  it('exist, with their subcommands and options', async () => {
    const wrong = await Promise.all(
      named.map(async ({ where, words }) => {
        const problem = await wrongWith(words);
        return problem === undefined ? [] : [`${where}: virtdeck ${words.join(' ')}: ${problem}`];
      }),
    );
    expect(wrong.flat()).toEqual([]);
  });

  it('and this test would notice one that does not', async () => {
    expect(await wrongWith(['net', 'restart'])).toBe('net has no restart');
    expect(await wrongWith(['vol', 'delete', '--forced'])).toBe('vol has no option --forced');
    expect(await wrongWith(['snapshot', 'list'])).toBe('there is no command snapshot');
  });
});
