import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { findObject, type Host, type Listed, type Named, named } from '../../source/commands/hosts.js';

const domains = [
  { name: 'web', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 7 },
  { name: '7', uuid: '11111111-2222-3333-4444-555555555555', id: -1 },
  { name: '12', uuid: '11111111-2222-3333-4444-666666666666', id: -1 },
];

describe('what a person means on a host', () => {
  it.each([
    ['web', 'web'],
    ['6695EB01-F6A4-8304-79AA-97F2502E193F', 'web'],
    ['7', 'web'],
    ['12', '12'],
  ])('by %s is %s', (key, name) => {
    expect(named(domains, key)?.name).toBe(name);
  });

  it('is nothing by a name that nobody has', () => {
    expect(named(domains, 'we')).toBeUndefined();
  });

  it('is a network called 7 by 7: networks have no ids', () => {
    expect(named([{ name: '7', uuid: 'x' }], '7')?.name).toBe('7');
  });
});

describe('which host has it', () => {
  const host = (label: string): Host => ({ label }) as Host;
  const find = (listed: Listed<Named>) => {
    const lines: string[] = [];
    const stderr = { write: (text: string) => lines.push(text) };
    const io = { stdout: stderr, stderr, env: {} } as CommandIo;
    const found = findObject({ io }, { noun: 'network' }, 'web', listed);
    return { on: found?.host.label, said: lines.join('') };
  };
  const has = { name: 'web', uuid: 'x' };

  it('is the only one that does', () => {
    const answers = [
      { host: host('a'), answer: [] },
      { host: host('b'), answer: [has] },
    ];
    expect(find({ answers, failed: false })).toEqual({ on: 'b', said: '' });
  });

  it('is for the person to say where there are more', () => {
    const answers = ['a', 'b'].map((label) => ({ host: host(label), answer: [has] }));
    expect(find({ answers, failed: false })).toEqual({
      on: undefined,
      said: "error: 'web' is on more than one host (a, b): choose one with -c\n",
    });
  });

  it('is none, which is said unless no host could be asked: that was said already', () => {
    const answers = [{ host: host('a'), answer: [] }];
    expect(find({ answers, failed: true }).said).toBe("error: failed to get network 'web'\n");
    expect(find({ answers: [], failed: true }).said).toBe('');
  });
});
