import type { Pool } from '../../../inventory/object-types.js';
import { describePool, type PoolDescription } from '../../../libvirt/xml/pool-xml.js';
import { bytes } from '../../../text/size.js';
import { percent } from '../../../text/units.js';
import type { Fact } from '../../kit/facts.js';
import { readOnce } from '../../kit/read-once.js';

/** What a pool's XML says; undefined until it is here, or where it is none. */
export const { of: describedPool } = readOnce<Pool, PoolDescription>(describePool);

/** How full it is: 0 to 1; undefined where that is not known, as while it is inactive. */
export function fullness({ active, info }: Pool): number | undefined {
  if (!active || info === undefined || info.capacity <= 0) return undefined;
  return info.allocation / info.capacity;
}

/** libvirt's word for the state where it is read, else what the list tells. */
export function poolState({ active, info }: Pool): string {
  if (!active) return 'inactive';
  return info === undefined || info.state === 'inactive' ? 'running' : info.state;
}

/** "12.5 GiB / 100 GiB" */
export function usageText({ active, info }: Pool): string {
  if (!active || info === undefined || info.capacity <= 0) return '';
  return `${bytes(info.allocation)} / ${bytes(info.capacity)}`;
}

/** What there is to say of a pool below the list. */
export function poolFacts(pool: Pool): Fact[] {
  const { info, active } = pool;
  const description = describedPool(pool);
  const share = fullness(pool);
  const facts: (readonly [string, string | undefined])[] = [
    ['Pool', [pool.name, description?.type, poolState(pool)].filter(Boolean).join('  ')],
    ['Path', description?.path],
    ['Source', sourceText(description)],
    [
      'Capacity',
      active && info !== undefined && info.capacity > 0
        ? `${bytes(info.capacity)}, ${bytes(info.allocation)} used${share === undefined ? '' : ` (${percent(share * 100)} %)`}, ${bytes(info.available)} free`
        : undefined,
    ],
    ['Kind', kindText(pool)],
    ['Not read', pool.error?.message],
    ['UUID', pool.uuid],
  ];
  return facts.flatMap(([label, value]): Fact[] =>
    value === undefined || value === '' ? [] : [[label, [value]]],
  );
}

function sourceText(description: PoolDescription | undefined): string {
  if (description === undefined) return '';
  const { hosts, dir, devices, name, format } = description.source;
  const place = [hosts.join(', '), dir ?? ''].filter((part) => part !== '').join(':');
  return [place, devices.join(', '), name ?? '', format ?? ''].filter((part) => part !== '').join('  ');
}

function kindText({ persistent, autostart }: Pool): string {
  if (!persistent) return 'transient: it is gone once it stops';
  return autostart ? 'starts with the host' : 'persistent, does not start with the host';
}
