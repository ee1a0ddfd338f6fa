import { expect, test } from 'vitest';
import { fieldOf } from '../../../../source/tui/input/text-field.js';
import { suggestionsFor } from '../../../../source/tui/kit/form/suggestions.js';

test.each([
  ['', ['old-lab', 'lab2', 'nas']],
  ['LAB', ['lab2', 'old-lab']],
  ['nas', []],
  ['x', []],
])('for %j, what begins so comes first, and what is typed whole is not offered', (typed, offered) => {
  const field = { id: 'host', label: 'Host', kind: 'text', suggestions: ['old-lab', 'lab2', 'nas'] } as const;
  expect(suggestionsFor(field, fieldOf(typed))).toEqual(offered);
});
