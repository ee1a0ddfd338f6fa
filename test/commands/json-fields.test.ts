import { expect, test } from 'vitest';
import type { Command } from '../../source/commands/command.js';
import { commands } from '../../source/commands/registry.js';
import { servedLabs } from './served-lab.js';

const serve = servedLabs();

/** The names of all fields, those of objects in objects as well. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}

/** The words of the part of a help page that tells of fields. */
function told({ usage }: Command): readonly string[] {
  const [, part = ''] = /Fields of JSON[\s\S]*?\n([\s\S]*?)\n\n/.exec(usage) ?? [];
  return part.split(/[^A-Za-z0-9]+/);
}

test.each([
  ['net', [['list', '--all', '--json']], ['forward', 'ranges']],
  ['net', [['leases', 'default', '--json']], ['clientId', 'domain']],
  ['pool', [['list', '--all', '--json']], ['available', 'path']],
  ['vol', [['list', 'default', '--json']], ['backing', 'incomplete', 'physical']],
  ['vol', [['chain', 'default', 'ad-1.qcow2', '--json']], ['below', 'ring']],
  ['vol', [['chain', 'default', 'win-2k22.qcow2', '--json']], ['above']],
  [
    'vol',
    [
      ['create', 'default', 'small.raw', '1M', '--format', 'raw'],
      ['download', 'default', 'small.raw', 'FOLDER/small', '--json'],
      ['upload', 'default', 'again.raw', 'FOLDER/small', '--json'],
    ],
    ['event', 'sha256', 'volume'],
  ],
])('virtdeck %s --help tells every field of its JSON: %j', async (name, lines, expected) => {
  const command = (await commands[name]?.load()) as Command;
  const { run, folder } = await serve();
  const seen = new Set<string>();
  for (const words of lines) {
    const place = words.map((word) => word.replace('FOLDER', folder));
    const { code, stdout, stderr } = await run(command, ...place);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    if (!words.includes('--json')) continue;
    const documents = words.some((word) => word.includes('FOLDER')) ? stdout.trim().split('\n') : [stdout];
    for (const text of documents) for (const field of fieldsOf(JSON.parse(text))) seen.add(field);
  }
  expect([...seen]).toEqual(expect.arrayContaining(expected));
  expect([...seen].filter((field) => !told(command).includes(field))).toEqual([]);
});
