import { expect, it } from 'vitest';
import { readRows } from '../../../source/commands/list/rows.js';
import { FakeHost } from '../../inventory/fake-host.js';

it('a domain that was started anew while its CPU is measured has no percentage, whatever its counter says', async () => {
  const host = new FakeHost();
  const link = host.open();
  const steady = host.addRunning('steady', { cpuTime: 5e9 });
  const anew = host.addRunning('anew', { cpuTime: 5e9 });
  const { domainStats } = link;
  link.domainStats = async (...asked) => {
    const answer = await domainStats(...asked);
    steady.cpuTime = (steady.cpuTime ?? 0) + 1e6;
    anew.id += 100;
    anew.cpuTime = (anew.cpuTime ?? 0) + 9e9;
    return answer;
  };
  const options = { which: 'all', details: true, interval: 0.01, addresses: false } as const;
  const rows = await readRows(link, 'h', options);
  const loads = new Map(rows.map(({ name, cpuPercent }) => [name, cpuPercent]));
  expect(loads.get('steady')).toBeGreaterThan(0);
  expect(loads.get('anew')).toBeUndefined();
  // Of a driver without statistics only these are asked one by one.
  expect(host.closely).toEqual([steady.uuid, anew.uuid]);
});
