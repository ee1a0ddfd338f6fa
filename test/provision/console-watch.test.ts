import { afterEach, expect, test, vi } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import type { ByteStream } from '../../source/libvirt/byte-stream.js';
import { isConsoleTaken } from '../../source/libvirt/console-session.js';
import type { LibvirtError } from '../../source/libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../../source/libvirt/hypervisor.js';
import { borrowConsole } from '../../source/provision/console-tail.js';
import type { Outcome } from '../../source/provision/create.js';
import { CreationBed } from './bed.js';

let bed: CreationBed;
let other: Hypervisor;
let stop = new AbortController();

afterEach(async () => {
  stop.abort();
  stop = new AbortController();
  await other?.close();
  await bed?.end();
});

/** A creation that waits for its guest's address, and sees its console already. */
async function waiting(
  speed: number,
): Promise<{ domain: DomainRef; outcomes: Promise<ReadonlyMap<string, Outcome>> }> {
  bed = await CreationBed.make({ speed });
  let outcomes: Promise<ReadonlyMap<string, Outcome>> | undefined;
  await new Promise<void>((resolve, reject) => {
    outcomes = bed.create([bed.request()], {
      wait: { timeout: undefined },
      signal: stop.signal,
      onEvent: (event) => event.type === 'address' && event.progress.console.length > 0 && resolve(),
    });
    outcomes.catch(reject);
  });
  other = await openLab(bed.lab);
  return { domain: await other.lookupDomain('web-1'), outcomes: outcomes as NonNullable<typeof outcomes> };
}

/** The console; undefined where somebody has it. */
async function openConsole(domain: DomainRef, force = false): Promise<ByteStream | undefined> {
  try {
    return await other.openConsole(domain, { force });
  } catch (error) {
    expect(isConsoleTaken(error as LibvirtError)).toBe(true);
    return undefined;
  }
}

test('a person of this process gets the console of a guest whose address is waited for; it is watched again after', async () => {
  const { domain } = await waiting(1);
  expect(await openConsole(domain)).toBeUndefined();
  const giveBack = await borrowConsole(domain.uuid);
  const stream = await openConsole(domain);
  expect(stream).toBeDefined();
  await stream?.abort();
  giveBack();
  await vi.waitFor(async () => {
    const still = await openConsole(domain);
    await still?.abort();
    expect(still).toBeUndefined();
  });
});

test('a console that was borrowed before the wait began is left alone', async () => {
  bed = await CreationBed.make({ speed: 2000 });
  const { plan } = await bed.prepare(bed.request());
  const [machine] = plan?.machines ?? [];
  if (plan === undefined || machine === undefined) throw new Error('there is no plan');
  const giveBack = await borrowConsole(machine.uuid);
  const open = vi.spyOn(bed.hypervisor.constructor.prototype as Hypervisor, 'openConsole');
  await bed.run(plan, [bed.request()], { wait: { timeout: undefined } });
  expect(open).not.toHaveBeenCalled();
  giveBack();
  open.mockRestore();
});

test('whoever takes the console by force has it, and the waiting goes on to its end', async () => {
  const { domain, outcomes } = await waiting(20);
  const stream = await openConsole(domain, true);
  expect(stream).toBeDefined();
  expect((await outcomes).get('web-1')).toMatchObject({ state: 'up' });
  await stream?.abort();
});

test('when the address is there the console is free', async () => {
  const { domain, outcomes } = await waiting(20);
  expect((await outcomes).get('web-1')).toMatchObject({ state: 'up' });
  const stream = await openConsole(domain);
  expect(stream).toBeDefined();
  await stream?.abort();
});
