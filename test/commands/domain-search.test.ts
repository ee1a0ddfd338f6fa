import { describe, expect, it } from 'vitest';
import { findDomain } from '../../source/commands/domain-search.js';

const domains = [
  { name: 'web', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 7 },
  { name: '7', uuid: '11111111-2222-3333-4444-555555555555', id: -1 },
  { name: '12', uuid: '11111111-2222-3333-4444-666666666666', id: -1 },
];

describe('finding the domain a person means', () => {
  it.each([
    ['web', 'web'],
    ['6695EB01-F6A4-8304-79AA-97F2502E193F', 'web'],
    ['7', 'web'],
    ['12', '12'],
  ])('%s is %s', (key, name) => {
    expect(findDomain(domains, key)?.name).toBe(name);
  });

  it('finds nothing for a name that nobody has', () => {
    expect(findDomain(domains, 'we')).toBeUndefined();
  });
});
