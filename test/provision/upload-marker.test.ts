import { afterEach, expect, test, vi } from 'vitest';
import type { Hypervisor } from '../../source/libvirt/hypervisor.js';
import { volumeXml } from '../../source/libvirt/xml/volume-xml.js';
import type { Plan } from '../../source/provision/plan.js';
import { StrangersUpload, wholeOnes } from '../../source/provision/upload-marker.js';
import { CreationBed } from './bed.js';

// An upload of another user, or of another machine: no journal tells of it, only the volume beside the image.

let bed: CreationBed;

afterEach(async () => {
  vi.useRealTimers();
  await bed?.end();
});

async function planOf(name: string): Promise<{ readonly plan: Plan; readonly image: string }> {
  const { plan } = await bed.prepare(bed.request({ name }));
  const image = /small-\S+\.raw/.exec(plan?.shared.find(({ id }) => id === 'base')?.title ?? '')?.[0];
  if (plan === undefined || image === undefined) throw new Error('no plan');
  return { plan, image };
}

async function put(name: string): Promise<void> {
  const { pools, volumes } = bed.hypervisor;
  await volumes.create(
    await pools.lookup('default'),
    volumeXml({ name, capacity: 1_320_000, format: 'raw' }),
  );
}

const volumes = async (): Promise<readonly string[]> =>
  (await bed.world()).flatMap((line) => (/^volume default\/(small-.*)/.exec(line) ?? []).slice(1));

test('an upload of somebody else goes on as long as something of it comes, and half an hour more', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  let allocation = 0;
  const host = { volumes: { info: async () => ({ allocation }) } } as unknown as Hypervisor;
  const image = { pool: 'default', name: 'a.qcow2', key: 'a.qcow2' };
  const upload = new StrangersUpload();
  const goesOn = (minutes: number, there = true) => {
    vi.setSystemTime(Date.now() + minutes * 60_000);
    return upload.goesOn(host, there ? image : undefined);
  };
  // Nothing of it is there yet.
  expect([await goesOn(0, false), await goesOn(29, false), await goesOn(2, false)]).toEqual([
    true,
    true,
    false,
  ]);
  for (let hours = 0; hours < 3; hours += 1) {
    allocation += 1;
    expect(await goesOn(60)).toBe(true);
  }
  expect([await goesOn(29), await goesOn(2)]).toEqual([true, false]);
});

test('what it lies beside is no image yet, and it is none itself', () => {
  const names = ['a.qcow2', 'b.qcow2', 'b.qcow2.uploading', 'alone.uploading'];
  expect(wholeOnes(names.map((name) => ({ name }))).map(({ name }) => name)).toEqual([
    'a.qcow2',
    'alone.uploading',
  ]);
});

test('it lies beside the image while that is uploaded, and is gone afterwards', async () => {
  bed = await CreationBed.make();
  const looks: Promise<readonly string[]>[] = [];
  await bed.create([bed.request()], {
    onEvent: (event) => {
      if (event.type === 'progress' && event.step === 'base' && looks.length === 0) looks.push(volumes());
    },
  });
  const [image = ''] = await volumes();
  expect(await volumes()).toEqual([image]);
  expect(await looks[0]).toEqual([image, `${image}.uploading`]);
});

test('an image that has one is waited for, and used once it is whole', async () => {
  bed = await CreationBed.make();
  const { plan, image } = await planOf('web-1');
  await put(image);
  await put(`${image}.uploading`);
  const { pools, volumes: all } = bed.hypervisor;
  const outcomes = await bed.run(plan, [bed.request()], {
    onEvent: (event) => {
      if (event.type !== 'say' || !event.text.includes('somebody else')) return;
      const marker = pools.lookup('default').then((pool) => all.lookup(pool, `${image}.uploading`));
      void marker.then((volume) => all.delete(volume));
    },
  });
  expect(outcomes.get('web-1')?.state).toBe('made');
  expect(await volumes()).toEqual([image]);
});

test('one that does not go on is an error that says what to delete; it is not touched', async () => {
  bed = await CreationBed.make();
  const { plan, image } = await planOf('web-1');
  await put(image);
  await put(`${image}.uploading`);
  vi.useFakeTimers({ toFake: ['Date'] });
  // Hours go by, and nothing changes.
  const clock = setInterval(() => vi.setSystemTime(Date.now() + 600_000), 50);
  const outcomes = await bed.run(plan, [bed.request()]);
  clearInterval(clock);
  expect(outcomes.get('web-1')).toMatchObject({
    state: 'failed',
    error: {
      message: expect.stringContaining('does not go on'),
      hint: expect.stringContaining(`vol delete default ${image} ${image}.uploading`),
    },
  });
  expect(await volumes()).toEqual([image, `${image}.uploading`]);
});

test('what a kill left of an upload is taken over, its sign as well', async () => {
  bed = await CreationBed.make();
  const { plan, image } = await planOf('web-1');
  await put(image);
  await put(`${image}.uploading`);
  const volume = { kind: 'volume', pool: 'default', name: `${image}.uploading` } as const;
  await bed.journal.write({
    version: 1,
    id: 'cut-off',
    connection: 'lab:///',
    uri: 'qemu:///system',
    startedAt: '2026-01-01T00:00:00Z',
    process: { pid: 2 ** 22 + 1, started: '1' },
    requests: [bed.request({ name: 'killed' })],
    made: [
      { made: volume, machine: undefined, sure: true },
      { made: { kind: 'image', pool: 'default', name: image }, machine: undefined, sure: false },
    ],
    finished: [],
  });
  expect((await bed.run(plan, [bed.request()])).get('web-1')?.state).toBe('made');
  expect(await volumes()).toEqual([image]);
});
