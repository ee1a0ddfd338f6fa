import { expect, test } from 'vitest';
import type { StatsGroup } from '../../source/libvirt/hypervisor.js';
import { Bed, settled } from './bed.js';

/** Which of the statistics calls asked for the vCPUs, from the first on. */
async function watched(): Promise<{ bed: Bed; asked: boolean[] }> {
  const bed = new Bed();
  bed.host.addRunning('web-1');
  const asked: boolean[] = [];
  const open = bed.host.open.bind(bed.host);
  bed.host.open = () => {
    const link = open();
    const stats = link.domainStats as (groups: readonly StatsGroup[]) => ReturnType<typeof link.domainStats>;
    link.domainStats = (...[groups]: unknown[]) => {
      asked.push((groups as readonly StatsGroup[]).includes('vcpu'));
      return stats(groups as readonly StatsGroup[]);
    };
    return link;
  };
  await bed.connect();
  return { bed, asked };
}

test('the number of vCPUs is asked for at first, every half minute, and after a start', async () => {
  const { bed, asked } = await watched();
  await bed.clock.advance(8000);
  expect(asked).toEqual([true, false, false, false, false]);
  expect(bed.domain('web-1').vcpus).toBe(2);
  await bed.clock.advance(24_000);
  expect(asked.filter(Boolean)).toHaveLength(2);
  const domain = [...bed.host.domains.values()][0];
  if (domain) bed.host.tell(domain, 'started', 'booted');
  await settled();
  await bed.clock.advance(2000);
  expect(asked.at(-1)).toBe(true);
});

test('while somebody looks closely each vCPU is asked for at every tick', async () => {
  const { bed, asked } = await watched();
  bed.inventory.lookClosely(bed.id, bed.domain('web-1').uuid);
  await bed.clock.advance(6000);
  expect(asked.slice(1)).toEqual([true, true, true]);
});
