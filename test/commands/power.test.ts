import { expect, test, vi } from 'vitest';
import { powerCommand } from '../../source/commands/power.js';
import { isActive } from '../../source/libvirt/domain-state.js';
import { domainWhere } from '../lab/bed.js';
import { servedLabs } from './served-lab.js';

const serve = servedLabs();

test('--wait waits for each domain: the end of another one is not its own', async () => {
  const { lab, clock, runWith } = await serve({ domains: 10, seed: 7 });
  const active = (name: string) => isActive(domainWhere(lab, (domain) => domain.name === name));
  const told: string[] = [];
  const write = (text: string) => {
    const [, name = ''] = /^Domain '(.*)' is shut off\n$/.exec(text) ?? [];
    told.push(`${name} ${active(name) ? 'runs' : 'is off'}`);
  };
  const done = runWith({ stdout: { write } }, powerCommand('shutdown', ''), 'dns-1', 'web-1', '--wait');
  // The guest of dns-1 takes 2 s, that of web-1 4 s; they begin once they are asked.
  const patience = { timeout: 10_000, interval: 5 };
  await vi.waitFor(() => {
    clock.advance(100);
    expect(active('dns-1')).toBe(false);
  }, patience);
  await vi.waitFor(() => expect(told).toContain('dns-1 is off'), patience);
  clock.advance(10_000);
  expect(await done).toMatchObject({ code: 0 });
  expect(told).toEqual(['dns-1 is off', 'web-1 is off']);
});
