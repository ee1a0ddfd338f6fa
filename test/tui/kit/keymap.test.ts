import { expect, test } from 'vitest';
import { helpLines } from '../../../source/tui/kit/help-view.js';
import { type Binding, bindings, domainActionOf } from '../../../source/tui/kit/keymap.js';
import { domainCommands } from '../../../source/tui/screens/domain/domain-commands.js';
import { Look } from '../../../source/tui/theme/look.js';
import { plain } from '../manager-harness.js';

const all = bindings as readonly Binding[];

test('no key means two things on one row', () => {
  for (const row of ['domain', 'host']) {
    const keys = all
      .filter(({ context }) => context === 'everywhere' || context === row)
      .flatMap((binding) => binding.keys);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  }
});

test('what loses data is marked as dangerous, and nothing else is', () => {
  expect(all.filter(({ danger }) => danger).map(({ keys }) => keys[0])).toEqual(['F', 'D', 'D']);
});

test('every key on a domain has an action behind it', () => {
  for (const { id, context } of all)
    if (context === 'domain') expect({ ...domainActionOf, ...domainCommands }).toHaveProperty([id]);
});

test('the help names every key of the table', () => {
  const help = helpLines(new Look({ unicode: true, colors: 16 }))
    .map(plain)
    .join('\n');
  for (const { help: text } of all) expect(help).toContain(text);
});
