import { beforeEach, describe, expect, test } from 'vitest';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { LifecycleEvent } from '../../source/libvirt/events.js';
import { Bed, settled } from './bed.js';
import { refOf, uuid } from './fake-host.js';

let bed: Bed;

beforeEach(async () => {
  bed = new Bed();
  bed.host.addRunning('web-1');
  bed.host.add('db-1');
  await bed.connect();
  bed.host.calls.length = 0;
});

const own = (name: string) => {
  const domain = [...bed.host.domains.values()].find((one) => one.name === name);
  if (domain === undefined) throw new Error(name);
  return domain;
};

test('a domain defined by another client appears, without a call', () => {
  const domain = bed.host.add('new');
  bed.host.tell(domain, 'defined', 'added');
  expect(bed.domain('new')).toMatchObject({ state: DomainState.shutOff, id: -1, persistent: true });
  expect(bed.host.calls).toEqual([]);
});

test('an undefined domain goes; one that runs stays until it stops', async () => {
  const web = own('web-1');
  const db = own('db-1');
  bed.host.domains.delete(db.uuid);
  bed.host.tell(db, 'undefined', 'removed');
  expect(bed.names).toEqual(['web-1']);
  web.persistent = false;
  bed.host.tell(web, 'undefined', 'removed');
  expect(bed.domain('web-1')).toMatchObject({ persistent: false, state: DomainState.running });
  bed.host.domains.delete(web.uuid);
  bed.host.tell(web, 'stopped', 'shutdown');
  await bed.clock.advance(1000);
  expect(bed.names).toEqual([]);
});

test.each<[LifecycleEvent, string, DomainState]>([
  ['started', 'booted', DomainState.running],
  ['suspended', 'paused', DomainState.paused],
  ['resumed', 'unpaused', DomainState.running],
  ['shutdown', 'finished', DomainState.shutdown],
  ['stopped', 'shutdown', DomainState.shutOff],
  ['pmsuspended', 'memory', DomainState.pmSuspended],
  ['crashed', 'panicked', DomainState.crashed],
])('%s: the state follows at once, in the store as well', async (event, detail, state) => {
  const domain = own('web-1');
  const { revision, listRevision } = bed.connection;
  const stored = bed.inventory.store.getState().revision;
  // First away from the state that the event leads to.
  bed.host.tell(domain, state === DomainState.running ? 'suspended' : 'resumed', '');
  bed.host.tell(domain, event, detail);
  await settled();
  expect(bed.domain('web-1')).toMatchObject({ state, id: state === DomainState.shutOff ? -1 : domain.id });
  expect(bed.connection.listRevision).toBeGreaterThan(listRevision);
  expect(bed.connection.revision).toBeGreaterThan(revision);
  expect(bed.inventory.store.getState().revision).toBeGreaterThan(stored);
});

test('a start is timed, a wake-up is not a start', () => {
  const db = own('db-1');
  bed.host.become(db, DomainState.running);
  bed.host.tell(db, 'started', 'booted');
  expect(bed.domain('db-1').startedAt).toBe(bed.clock.now());
  expect(bed.domain('db-1').id).toBe(db.id);
  const web = own('web-1');
  bed.host.tell(web, 'pmsuspended', 'memory');
  bed.host.tell(web, 'started', 'wakeup');
  expect(bed.domain('web-1')).toMatchObject({ state: DomainState.running, startedAt: undefined });
});

test.each([
  [true, 'saved', true],
  [true, 'shutdown', false],
  [false, 'saved', false],
])(
  'memory is saved of a domain that libvirt keeps: persistent %s, stopped (%s): %s',
  (persistent, detail, saved) => {
    const domain = bed.host.addRunning('saves', { persistent });
    bed.host.tell(domain, 'started', 'booted');
    if (persistent) bed.host.tell(domain, 'defined', 'added');
    bed.host.become(domain, DomainState.shutOff);
    bed.host.tell(domain, 'stopped', detail);
    expect(bed.domain('saves').managedSave).toBe(saved);
  },
);

test('a renamed domain keeps its record and its history', async () => {
  const web = own('web-1');
  const record = bed.domain('web-1');
  await bed.clock.advance(4000);
  const samples = record.history.memory.length;
  bed.host.emit({ type: 'lifecycle', domain: refOf(web), event: 'undefined', detail: 'renamed' });
  web.name = 'web-one';
  const { listRevision } = bed.connection;
  bed.host.tell(web, 'defined', 'renamed');
  // Its place in the list is another one.
  expect(bed.connection.listRevision).toBeGreaterThan(listRevision);
  expect(bed.names).toEqual(['db-1', 'web-one']);
  expect(bed.domain('web-one')).toBe(record);
  expect(record.history.memory.length).toBe(samples);
});

test('a transient domain started by another client is known as such, and goes when it stops', async () => {
  const domain = bed.host.addRunning('short', { persistent: false });
  bed.host.tell(domain, 'started', 'booted');
  expect(bed.domain('short')).toMatchObject({ state: DomainState.running, persistent: false });
  bed.host.domains.delete(domain.uuid);
  bed.host.tell(domain, 'stopped', 'destroyed');
  await bed.clock.advance(1000);
  expect(bed.names).toEqual(['db-1', 'web-1']);
});

test('many events of one moment change the store once', async () => {
  const { revision } = bed.inventory.store.getState();
  for (let i = 0; i < 100; i += 1) bed.host.tell(bed.host.add(`vm-${i}`), 'defined', 'added');
  await settled();
  expect(bed.inventory.store.getState().revision).toBe(revision + 1);
  expect(bed.connection.domains.size).toBe(102);
});

test('a burst of events costs one list afterwards, and an endless one does not put it off', async () => {
  const db = own('db-1');
  for (let i = 0; i < 50; i += 1) bed.host.tell(db, 'defined', 'updated');
  await bed.clock.advance(1000);
  expect(bed.host.count('listDomains')).toBe(1);
  for (let i = 0; i < 30; i += 1) {
    bed.host.tell(db, 'defined', 'updated');
    await bed.clock.advance(100);
  }
  expect(bed.host.count('listDomains')).toBeGreaterThanOrEqual(3);
  expect(bed.host.count('listDomains')).toBeLessThanOrEqual(5);
});

test('a large host is not asked for its list all the time', async () => {
  const slow = new Bed();
  slow.host.add('vm');
  await slow.connect();
  for (let i = 0; i < 100; i += 1) {
    slow.host.hold('listDomains');
    slow.host.tell(slow.host.domains.get(uuid(1)) as never, 'defined', 'updated');
    await slow.clock.advance(200);
    slow.host.release('listDomains');
    await slow.clock.advance(100);
  }
  // 30 s of events, with answers that mostly take 0.2 s: the pauses are mostly 10 s.
  expect(slow.host.count('listDomains')).toBeLessThanOrEqual(8);
});

test('what no event reports is seen within half a minute', async () => {
  own('db-1').autostart = true;
  own('db-1').managedSave = true;
  const { revision } = bed.domain('db-1');
  bed.host.domains.delete(own('web-1').uuid);
  await bed.clock.advance(31_000);
  expect(bed.domain('db-1')).toMatchObject({ autostart: true, managedSave: true });
  expect(bed.domain('db-1').revision).toBeGreaterThan(revision);
  expect(bed.names).toEqual(['db-1']);
});

test('a list that says what is known changes nothing', async () => {
  const { listRevision } = bed.connection;
  await bed.clock.advance(31_000);
  expect(bed.host.count('listDomains')).toBe(1);
  expect(bed.connection.listRevision).toBe(listRevision);
});

test('a list tells what runs, also while statistics are slow to come', async () => {
  bed.host.hold('domainStats');
  bed.host.become(own('db-1'), DomainState.running);
  bed.host.become(own('web-1'), DomainState.shutOff);
  void bed.inventory.refresh(bed.id);
  await settled();
  expect(bed.domain('db-1').state).toBe(DomainState.running);
  expect(bed.domain('web-1').state).toBe(DomainState.shutOff);
});

test('the balloon', () => {
  bed.host.emit({ type: 'balloon', domain: refOf(own('web-1')), actual: 524_288 });
  expect(bed.domain('web-1').memoryCurrent).toBe(524_288);
});

test('an I/O error is told', async () => {
  const domain = refOf(own('web-1'));
  bed.host.emit({ type: 'io-error', domain, path: '/srv/web-1.qcow2', reason: 'enospc' });
  await settled();
  expect(bed.notices).toEqual(['error: web-1: I/O error on /srv/web-1.qcow2 (enospc)']);
});

describe('answers that are older than an event', () => {
  test('an event between registering and the first list is not lost', async () => {
    const fresh = new Bed();
    const gone = fresh.host.add('gone');
    const starts = fresh.host.add('starts');
    fresh.host.hold('listDomains');
    await fresh.connect();
    fresh.host.domains.delete(gone.uuid);
    fresh.host.tell(gone, 'undefined', 'removed');
    fresh.host.become(starts, DomainState.running);
    fresh.host.tell(starts, 'started', 'booted');
    fresh.host.tell(fresh.host.add('added'), 'defined', 'added');
    fresh.host.release('listDomains');
    await fresh.clock.advance(1500);
    expect(fresh.status).toBe('connected');
    expect(fresh.names).toEqual(['added', 'starts']);
    expect(fresh.domain('starts')).toMatchObject({ state: DomainState.running, id: starts.id });
  });

  test('a list does not bring back what was removed, nor remove what was added', async () => {
    bed.host.hold('listDomains');
    void bed.inventory.refresh();
    await settled();
    const db = own('db-1');
    bed.host.domains.delete(db.uuid);
    bed.host.tell(db, 'undefined', 'removed');
    bed.host.tell(bed.host.add('added'), 'defined', 'added');
    bed.host.release('listDomains');
    await settled();
    expect(bed.names).toEqual(['added', 'web-1']);
    await bed.clock.advance(2000);
    expect(bed.names).toEqual(['added', 'web-1']);
  });

  test('a list does not overwrite the state of a newer event', async () => {
    bed.host.hold('listDomains');
    void bed.inventory.refresh();
    await settled();
    bed.host.hold('domainStats');
    const web = own('web-1');
    bed.host.become(web, DomainState.shutOff);
    bed.host.tell(web, 'stopped', 'destroyed');
    bed.host.release('listDomains');
    await settled();
    expect(bed.domain('web-1')).toMatchObject({ state: DomainState.shutOff, id: -1 });
  });

  test('statistics do not overwrite the state of a newer event', async () => {
    bed.host.hold('domainStats');
    await bed.clock.advance(2000);
    const web = own('web-1');
    bed.host.become(web, DomainState.shutOff);
    bed.host.tell(web, 'stopped', 'destroyed');
    bed.host.release('domainStats');
    await settled();
    expect(bed.domain('web-1')).toMatchObject({ state: DomainState.shutOff, id: -1, cpuGuest: undefined });
    await bed.clock.advance(2000);
    expect(bed.domain('web-1').state).toBe(DomainState.shutOff);
  });

  test('statistics do not bring back what was removed while they were under way', async () => {
    bed.host.hold('domainStats');
    await bed.clock.advance(2000);
    const db = own('db-1');
    bed.host.domains.delete(db.uuid);
    bed.host.tell(db, 'undefined', 'removed');
    bed.host.release('domainStats');
    await settled();
    expect(bed.names).toEqual(['web-1']);
  });

  test('statistics correct a state whose event was missed', async () => {
    bed.host.become(own('web-1'), DomainState.paused);
    bed.host.become(own('db-1'), DomainState.running);
    const { listRevision } = bed.connection;
    await bed.clock.advance(2000);
    expect(bed.domain('web-1').state).toBe(DomainState.paused);
    expect(bed.domain('db-1')).toMatchObject({ state: DomainState.running, id: own('db-1').id });
    expect(bed.connection.listRevision).toBeGreaterThan(listRevision);
  });
});
