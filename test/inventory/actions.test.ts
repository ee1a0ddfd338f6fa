import { beforeEach, describe, expect, test } from 'vitest';
import type { ActionOutcome } from '../../source/inventory/action-runner.js';
import { type DomainActionId, domainActions } from '../../source/inventory/domain-actions.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { Bed, settled } from './bed.js';
import type { FakeDomain } from './fake-host.js';

let bed: Bed;
let web: FakeDomain;
let outcome: ActionOutcome | undefined;

beforeEach(async () => {
  bed = new Bed();
  outcome = undefined;
  web = bed.host.addRunning('web-1');
  await bed.connect();
});

/** Begins an action; its outcome appears in `outcome` when it is there. */
async function act(action: DomainActionId, domain = web): Promise<void> {
  void bed.inventory.act(bed.id, domain.uuid, action).then((result) => {
    outcome = result;
  });
  await settled();
}

describe('an action that the host carries out', () => {
  test('is done when the event says so, not when the call is answered', async () => {
    await act('destroy');
    expect(bed.host.calls).toContain('destroy web-1');
    expect(outcome).toBeUndefined();
    expect(bed.domain('web-1').pending).toBe('forcing off');
    bed.host.become(web, DomainState.shutOff);
    bed.host.tell(web, 'stopped', 'destroyed');
    await settled();
    expect(outcome).toEqual({ ok: true, text: 'web-1: shut off (destroyed)' });
    expect(bed.domain('web-1').pending).toBeUndefined();
    expect(bed.notices).toEqual(['success: web-1: shut off (destroyed)']);
  });

  test('that sends a guest into its failure again is told as that, where the answer comes after it all', async () => {
    bed.host.become(web, DomainState.paused);
    bed.host.tell(web, 'suspended', 'i/o error');
    bed.host.hold('resume');
    await act('resume');
    bed.host.tell(web, 'resumed', 'unpaused');
    bed.host.tell(web, 'suspended', 'i/o error');
    bed.host.release('resume');
    await settled();
    expect(outcome).toMatchObject({
      ok: false,
      text: 'web-1: it went on and is paused (I/O error) again',
      hint: expect.stringContaining('make room'),
    });
  });

  test('is not done by the event alone, when the call then fails', async () => {
    const off = bed.host.add('off');
    bed.host.tell(off, 'defined', 'added');
    bed.host.failures.set(
      'start',
      new LibvirtError({ kind: 'libvirt', code: 1, message: 'no disk', hint: 'H' }),
    );
    bed.host.hold('start');
    await act('start', off);
    bed.host.tell({ ...off, id: 7 }, 'started', 'booted');
    bed.host.tell(off, 'stopped', 'failed');
    expect(outcome).toBeUndefined();
    bed.host.release('start');
    await settled();
    expect(outcome).toMatchObject({ ok: false, text: 'off: start failed: no disk', hint: 'H' });
    expect(bed.inventory.store.getState().notices.at(-1)).toMatchObject({ level: 'error', hint: 'H' });
    expect(bed.domain('off')).toMatchObject({ pending: undefined, state: DomainState.shutOff });
  });

  test('whose event comes before the answer is done with the answer', async () => {
    bed.host.hold('suspend');
    await act('suspend');
    bed.host.tell(web, 'suspended', 'paused');
    await settled();
    expect(outcome).toBeUndefined();
    bed.host.release('suspend');
    await settled();
    expect(outcome).toEqual({ ok: true, text: 'web-1: paused' });
  });

  test('whose answer is lost on its way is done where its event has come', async () => {
    bed.host.failures.set('suspend', new LibvirtError({ kind: 'timeout', message: 'no answer' }));
    bed.host.hold('suspend');
    await act('suspend');
    bed.host.tell(web, 'suspended', 'paused');
    bed.host.release('suspend');
    await settled();
    expect(outcome).toEqual({ ok: true, text: 'web-1: paused' });
  });

  test('is proved by the statistics where no event comes', async () => {
    await act('suspend');
    bed.host.become(web, DomainState.paused);
    await bed.clock.advance(2000);
    expect(outcome).toEqual({ ok: true, text: 'web-1: paused' });
  });

  test('of which nothing is heard is not called a success', async () => {
    await act('suspend');
    await bed.clock.advance(30_000);
    expect(outcome).toMatchObject({ ok: false });
    expect(bed.notices).toEqual([
      'warning: web-1: pause was accepted, but nothing has been heard of it since',
    ]);
    expect(bed.domain('web-1').pending).toBeUndefined();
  });

  test('whose connection ends is not left pending', async () => {
    await act('destroy');
    bed.host.link.die();
    await settled();
    expect(outcome).toMatchObject({ ok: false });
    expect(bed.domain('web-1').pending).toBeUndefined();
  });
});

describe('what the guest decides', () => {
  test('says that it was asked, waits, and says what happened', async () => {
    const { revision } = bed.domain('web-1');
    await act('shutdown');
    expect(bed.notices).toEqual(['info: web-1: asked to shut down']);
    // Its row is drawn anew.
    expect(bed.domain('web-1').revision).toBeGreaterThan(revision);
    bed.host.tell(web, 'defined', 'updated');
    await bed.clock.advance(45_000);
    expect(outcome).toBeUndefined();
    expect(bed.domain('web-1').pending).toBe('shutting down');
    bed.host.become(web, DomainState.shutOff);
    bed.host.tell(web, 'stopped', 'shutdown');
    await settled();
    expect(outcome).toEqual({ ok: true, text: 'web-1: shut off (shutdown)' });
    expect(bed.notices.at(-1)).toBe('success: web-1: shut off (shutdown)');
  });

  test('a guest that does nothing is named after a minute, with the way out', async () => {
    await act('shutdown');
    await bed.clock.advance(60_000);
    expect(outcome).toMatchObject({ ok: false });
    expect(bed.domain('web-1').pending).toBeUndefined();
    expect(bed.notices.at(-1)).toBe(
      'warning: web-1 did not shut down: the guest ignores the ACPI request; force off with F',
    );
  });

  test('a reboot is the reboot event', async () => {
    await act('reboot');
    bed.host.emit({ type: 'reboot', domain: web });
    await settled();
    expect(outcome).toEqual({ ok: true, text: 'web-1: rebooted' });
  });

  test('a reboot that ends in a shut-down is told as such', async () => {
    await act('reboot');
    bed.host.tell(web, 'stopped', 'shutdown');
    await settled();
    expect(outcome).toMatchObject({ ok: false, text: 'web-1: shut off (shutdown) while rebooting' });
  });

  test('forcing off ends the wait for the guest, with one word of what happened', async () => {
    await act('shutdown');
    const shutdown = outcome;
    await act('destroy');
    expect(shutdown).toBeUndefined();
    expect(bed.domain('web-1').pending).toBe('forcing off');
    bed.host.become(web, DomainState.shutOff);
    bed.host.tell(web, 'stopped', 'destroyed');
    await bed.clock.advance(120_000);
    expect(bed.notices).toEqual(['info: web-1: asked to shut down', 'success: web-1: shut off (destroyed)']);
  });

  test('a request that gave way is not told of any more, however late its answer is', async () => {
    bed.host.hold('shutdown');
    await act('shutdown');
    await act('destroy');
    bed.host.release('shutdown');
    await settled();
    expect(bed.notices).toEqual([]);
    expect(bed.domain('web-1').pending).toBe('forcing off');
  });

  test('asking twice is refused while the first is under way', async () => {
    await act('shutdown');
    await act('shutdown');
    expect(outcome).toEqual({ ok: false, text: 'web-1 is already shutting down' });
    expect(bed.host.count('shutdown web-1')).toBe(1);
  });
});

test('autostart is confirmed by the list, and said to be on or off', async () => {
  await act('autostart');
  expect(bed.host.calls).toContain('autostart web-1 on');
  expect(outcome).toEqual({ ok: true, text: 'web-1: autostart on' });
  expect(bed.domain('web-1').autostart).toBe(true);
  await act('autostart');
  expect(outcome).toEqual({ ok: true, text: 'web-1: autostart off' });
});

test('autostart is confirmed by a list that was begun after it, not by one under way', async () => {
  bed.host.hold('listDomains');
  void bed.inventory.refresh();
  await settled();
  await act('autostart');
  bed.host.release('listDomains');
  await settled();
  expect(outcome).toEqual({ ok: true, text: 'web-1: autostart on' });
});

test('autostart that the host has not changed is no success', async () => {
  bed.host.hold('setAutostart');
  await act('autostart');
  web.autostart = false;
  bed.host.release('setAutostart');
  await settled();
  expect(outcome).toEqual({ ok: false, text: 'web-1: autostart on had no effect' });
  expect(bed.domain('web-1').pending).toBeUndefined();
});

test('autostart of many at once reads the list a few times only', async () => {
  for (let i = 0; i < 40; i += 1) bed.host.tell(bed.host.add(`vm-${i}`), 'defined', 'added');
  bed.host.calls.length = 0;
  const results = await Promise.all(
    [...bed.host.domains.keys()].map((uuid) => bed.inventory.act(bed.id, uuid, 'autostart')),
  );
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(bed.host.count('listDomains')).toBeLessThanOrEqual(2);
});

test('managed save', async () => {
  await act('managedSave');
  bed.host.become(web, DomainState.shutOff);
  bed.host.tell(web, 'stopped', 'saved');
  await settled();
  expect(outcome).toEqual({ ok: true, text: 'web-1: saved and shut off' });
  expect(bed.domain('web-1').managedSave).toBe(true);
});

test('managed save: a guest that went off without having been saved was not saved', async () => {
  await act('managedSave');
  bed.host.become(web, DomainState.shutOff);
  await bed.clock.advance(2000);
  expect(bed.domain('web-1').state).toBe(DomainState.shutOff);
  expect(outcome).toBeUndefined();
});

test.each<[string, DomainState, string, string]>([
  ['a paused domain goes on', DomainState.paused, 'resume web-1', 'unpaused'],
  ['a sleeping guest is woken', DomainState.pmSuspended, 'wakeup web-1', 'wakeup'],
])('start: %s', async (_, state, call, detail) => {
  bed.host.become(web, state);
  await bed.clock.advance(2000);
  await act('start');
  expect(bed.host.calls).toContain(call);
  bed.host.become(web, DomainState.running);
  bed.host.tell(web, state === DomainState.paused ? 'resumed' : 'started', detail);
  await settled();
  expect(outcome).toEqual({ ok: true, text: `web-1: running (${detail})` });
});

test('start: a domain runs once it is started, not when its processors go on', async () => {
  const off = bed.host.add('off');
  bed.host.tell(off, 'defined', 'added');
  await act('start', off);
  bed.host.become(off, DomainState.running);
  // The order in which libvirt tells them.
  bed.host.tell(off, 'resumed', 'unpaused');
  await settled();
  expect(outcome).toBeUndefined();
  bed.host.tell(off, 'started', 'booted');
  await settled();
  expect(outcome).toEqual({ ok: true, text: 'off: running (booted)' });
});

test('a domain or connection that is not there is an answer, not an exception', async () => {
  await expect(bed.inventory.act(bed.id, 'nobody', 'start')).resolves.toMatchObject({ ok: false });
  await expect(bed.inventory.act('nowhere', web.uuid, 'start')).resolves.toMatchObject({ ok: false });
  await bed.inventory.disconnect(bed.id);
  await act('shutdown');
  expect(outcome).toEqual({ ok: false, text: 'web-1: stardust is not connected' });
});

describe('what applies to which state', () => {
  const states = Object.values(DomainState).filter((state) => state !== DomainState.noState);
  test.each<[DomainActionId, DomainState[]]>([
    ['start', [DomainState.paused, DomainState.shutOff, DomainState.pmSuspended]],
    ['shutdown', [DomainState.running, DomainState.blocked]],
    ['reboot', [DomainState.running, DomainState.blocked]],
    ['destroy', states.filter((state) => state !== DomainState.shutOff)],
    ['suspend', [DomainState.running, DomainState.blocked]],
    ['resume', [DomainState.paused, DomainState.pmSuspended]],
    [
      'managedSave',
      states.filter((state) => state !== DomainState.shutOff && state !== DomainState.shutdown),
    ],
    ['autostart', states],
  ])('%s', (id, applies) => {
    const action = domainActions[id];
    const at = (state: DomainState) => ({
      ...web,
      state,
      id: state === DomainState.shutOff ? -1 : 5,
    });
    expect(states.filter((state) => action.refusal(at(state)) === undefined)).toEqual(applies);
    for (const state of states) {
      const refusal = action.refusal(at(state));
      if (refusal !== undefined) expect(refusal).toMatch(/^web-1 /);
    }
  });

  test('the words', () => {
    const off = { ...web, id: -1, state: DomainState.shutOff };
    const paused = { ...web, state: DomainState.paused };
    expect(domainActions.start.refusal(web)).toBe('web-1 is already running');
    expect(domainActions.start.refusal({ ...web, state: DomainState.shutdown })).toMatch(
      /is still shutting down/,
    );
    expect(domainActions.start.title(off)).toBe('start');
    expect(domainActions.start.title(paused)).toBe('resume');
    expect(domainActions.autostart.title({ ...web, autostart: true })).toBe('autostart off');
    expect(domainActions.managedSave.refusal({ ...web, persistent: false })).toMatch(/transient/);
    expect(domainActions.destroy.question?.(web)).toMatch(/^Force off web-1\?/);
    const asking = Object.values(domainActions).filter(({ question }) => question !== undefined);
    expect(asking.map(({ id }) => id)).toEqual(['destroy']);
  });
});
