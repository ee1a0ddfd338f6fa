import { expect, test } from 'vitest';
import type { Fault } from '../../source/lab/server/faults.js';
import type { ProcedureName } from '../../source/lab/server/handler.js';
import { recordCalls, type Trouble, troubles } from '../support/fault-matrix.js';
import { WizardBed } from './screens/new-vm/bed.js';

/** Keys as `WizardBed.press` takes them, and what is on the screen once they have done their work. */
type Step = readonly [key: string, shows: RegExp];

const connection: Step = ['enter', /Overview[\s\S]*libvirt/];
const networks: readonly Step[] = [connection, ['2', /virbr0/]];
const pools: readonly Step[] = [connection, ['3', /GiB|TiB/]];
const volumes: readonly Step[] = [...pools, ['enter', /qcow2/]];
const domain: readonly Step[] = [
  ['j', /./],
  ['enter', /UUID/],
];
const wizard: Step = ['c', /debian-12/];

const review: readonly Step[] = [
  wizard,
  ['"pxe"', /network/i],
  ['enter', /\[Name and size\]/],
  ['enter', /\[Network and storage\]/],
  ['enter', /\[Access\]/],
  ['enter', /Domain XML/],
];

/** How each screen is reached from the Manager. */
const places: Readonly<Record<string, readonly Step[]>> = {
  'the Manager': [['j', /CPU|vCPU/]],
  'a domain': domain,
  'the performance of a domain': [...domain, ['2', /memory/i]],
  'the XML of a domain': [...domain, ['3', /uuid/]],
  'the deletion of a domain': [
    ['j', /./],
    ['D', /\.qcow2|\.img|raw/],
  ],
  'a connection': [connection],
  'the networks': networks,
  'a network': [...networks, ['enter', /192\.168\.122/]],
  'a new network': [...networks, ['n', /Name/]],
  'the pools': pools,
  'a new pool': [...pools, ['n', /Name/]],
  'the volumes': volumes,
  'a volume': [...volumes, ['enter', /Path|Capacity/]],
  'the chain of a volume': [...volumes, ['b', /stands|nothing|chain/i]],
  'a new volume': [...volumes, ['n', /Name/]],
  'the clone of a volume': [...volumes, ['C', /Name/]],
  'the deletion of a volume': [...volumes, ['D', /./]],
  'the wizard': [wizard, ['"iso"', /ISO/], ['enter', /./]],
  'the review of the wizard': review,
  'the progress of a creation': [...review, ['enter', /Esc (?:leave|close)/]],
  'the test of a new connection': [
    ['a', /URI/],
    ['tab', /./],
    ['tab', /./],
    ['tab', /./],
    ['tab', /./],
    ['tab', /\[ Test \]/],
    ['enter', /The connection works/],
  ],
  'the tasks': [['J', /Tasks/]],
};

/** What a screen is about: where it cannot be read, the screen says why. */
const mainCalls: Readonly<Record<string, readonly string[]>> = {
  'a domain': ['DOMAIN_GET_XML_DESC'],
  'the XML of a domain': ['DOMAIN_GET_XML_DESC'],
  'the networks': ['CONNECT_LIST_ALL_NETWORKS', 'NETWORK_GET_XML_DESC', 'NETWORK_GET_DHCP_LEASES'],
  'a network': ['NETWORK_GET_XML_DESC', 'NETWORK_GET_DHCP_LEASES'],
  'the pools': ['CONNECT_LIST_ALL_STORAGE_POOLS', 'STORAGE_POOL_GET_XML_DESC', 'STORAGE_POOL_GET_INFO'],
  'the volumes': ['STORAGE_POOL_LIST_ALL_VOLUMES'],
  'a volume': ['STORAGE_VOL_GET_XML_DESC'],
  'the chain of a volume': ['STORAGE_VOL_GET_XML_DESC'],
  'the deletion of a volume': ['STORAGE_VOL_GET_XML_DESC'],
  'the deletion of a domain': ['DOMAIN_GET_XML_DESC'],
  'the progress of a creation': [
    'STORAGE_VOL_CREATE_XML',
    'DOMAIN_DEFINE_XML_FLAGS',
    'DOMAIN_CREATE_WITH_FLAGS',
  ],
  'the test of a new connection': ['AUTH_LIST', 'CONNECT_LIST_ALL_DOMAINS'],
};

const told: Readonly<Partial<Record<Trouble, RegExp>>> = { error: /luck/, truncate: /malformed/ };

/** Goes there as far as it comes: once the fault has struck, what a step shows may never come. */
async function go(bed: WizardBed, steps: readonly Step[], trouble?: Trouble): Promise<void> {
  for (const [key, shows] of steps) {
    bed.press(key);
    for (let left = 6, round = 0; left > 0 && round < 300 && !shows.test(bed.text()); round += 1) {
      await pause(10);
      if (trouble !== undefined && bed.lab.faults.struck(troubles[trouble].fault) > 0) left -= 1;
    }
  }
}

async function withBed<T>(
  faults: readonly Fault[] | undefined,
  run: (bed: WizardBed) => Promise<T>,
): Promise<T> {
  const bed = await WizardBed.make({
    lab: { domains: 4 },
    columns: 110,
    rows: 30,
    ...(faults && { faults }),
  });
  try {
    return await run(bed);
  } finally {
    bed.lab.faults.clear();
    await bed.end();
  }
}

/** Waits for the reason; what is missing of it. */
async function untold(bed: WizardBed, kind: Trouble, name: string): Promise<readonly string[]> {
  const wanted = told[kind];
  if (wanted === undefined) return [];
  for (let round = 0; round < 500; round += 1) {
    if (wanted.test(said(bed).replace(/\s+/g, ' '))) return [];
    await pause(10);
  }
  return [`${name}: does not say why:\n${bed.text()}`];
}

/** All that can be read: the screen, and what is said or asked over it. */
function said(bed: WizardBed): string {
  const { message, question } = bed.ui.getState();
  return [bed.text(), message?.text ?? '', question?.title ?? '', ...(question?.lines ?? [])].join('\n');
}

const nonsense =
  /undefined|NaN|Infinity|\[object|[a-z]Error:|\n\s+at |[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

/** What has to hold on any screen, whatever went wrong; "" where it does. */
async function faultsOf(bed: WizardBed, name: string): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const text of [bed.text(), ...bed.seen]) {
    const found = nonsense.exec(text);
    if (found !== null) wrong.push(`${name}: shows ${JSON.stringify(found[0])}:\n${text}`);
  }
  // The help opens over anything but text and goes away again, and Esc leads back to the Manager.
  bed.press('escape', '?', 'escape');
  // One of them may stop what is under way, which takes a moment.
  for (let press = 0; press < 30 && (bed.panes.top() || bed.ui.getState().question); press += 1) {
    bed.press('escape');
    await pause(5);
    if (!bed.panes.top()) break;
  }
  if (bed.panes.top() !== undefined) wrong.push(`${name}: Esc does not lead back:\n${bed.text()}`);
  else if (!/lab/.test(bed.text())) wrong.push(`${name}: the Manager is gone:\n${bed.text()}`);
  return wrong;
}

const kinds: readonly Trouble[] = ['error', 'truncate', 'drop', 'hang'];

test('every screen goes on, whatever goes wrong with each call that it makes', {
  timeout: 360_000,
}, async () => {
  const wrong: string[] = [];
  let runs = 0;
  const jobs: (() => Promise<void>)[] = [];
  for (const [place, steps] of Object.entries(places)) {
    const called = await withBed(undefined, async (bed) => {
      const calls = recordCalls(bed.lab);
      await go(bed, steps);
      const shows = steps.at(-1)?.[1];
      expect(bed.text(), place).toMatch(shows ?? /./);
      // A screen is there before all that it asks for is.
      const needed = mainCalls[place] ?? [];
      const asked = () => needed.every((name) => calls.has(name as ProcedureName));
      for (let round = 0; round < 500 && !asked(); round += 1) await pause(10);
      for (let known = -1; known < calls.size; await pause(60)) known = calls.size;
      return [...calls];
    });
    expect(called, place).toEqual(expect.arrayContaining([...(mainCalls[place] ?? [])]));
    for (const procedure of called)
      for (const kind of kinds)
        jobs.push(async () => {
          runs += 1;
          const name = `${place}, ${procedure}: ${kind}`;
          try {
            await withBed(undefined, async (bed) => {
              bed.seen.clear();
              bed.lab.faults.add({ ...troubles[kind], procedure });
              await go(bed, steps, kind);
              if (mainCalls[place]?.includes(procedure)) wrong.push(...(await untold(bed, kind, name)));
              wrong.push(...(await faultsOf(bed, name)));
            });
          } catch (error) {
            wrong.push(`${name}: ${(error as Error).stack}`);
          }
        });
  }
  await inParallel(jobs);
  expect(wrong.join('\n\n')).toBe('');
  expect(runs).toBeGreaterThan(100);
});

/**
 * What opens a connection, and what of it has to be told: an empty answer cannot be cut, and an event that cannot be
 * registered is no reason to be without the connection.
 */
const opening: Readonly<Partial<Record<ProcedureName, readonly Trouble[]>>> = {
  AUTH_LIST: ['error', 'truncate'],
  CONNECT_OPEN: ['error'],
  CONNECT_REGISTER_CLOSE_CALLBACK: [],
  CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY: [],
  CONNECT_LIST_ALL_DOMAINS: ['error', 'truncate'],
};

test('a host that goes wrong while it is opened has its reason on the screen, and is left at once', {
  timeout: 60_000,
}, async () => {
  const wrong: string[] = [];
  const jobs = Object.entries(opening).flatMap(([procedure, needed]) =>
    kinds.map((kind) => async () => {
      const fault = { ...troubles[kind], procedure: procedure as ProcedureName };
      const name = `${procedure}: ${kind}`;
      await withBed([fault], async (bed) => {
        await go(bed, [['j', /./]], kind);
        if (needed.includes(kind)) wrong.push(...(await untold(bed, kind, name)));
        wrong.push(...(await faultsOf(bed, name)));
      });
    }),
  );
  await inParallel(jobs);
  expect(wrong.join('\n\n')).toBe('');
});

async function inParallel(jobs: (() => Promise<void>)[]): Promise<void> {
  const left = [...jobs];
  const work = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await job();
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
