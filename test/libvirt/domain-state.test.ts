import { expect, it } from 'vitest';
import { isActive, stateName, toDomainState } from '../../source/libvirt/domain-state.js';
import { lifecycleDetail } from '../../source/libvirt/events.js';

it('states have virsh’s words', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map(stateName)).toEqual([
    'no state',
    'running',
    'idle',
    'paused',
    'in shutdown',
    'shut off',
    'crashed',
    'pmsuspended',
  ]);
});

it('a state of a later libvirt is "no state", as in virsh', () => {
  for (const state of [8, -1, 1e9, 1.5, Number.NaN]) {
    expect(toDomainState(state)).toBe(0);
    expect(stateName(state)).toBe('no state');
  }
});

it('a domain is active while it has an id', () => {
  expect(isActive({ id: 0 })).toBe(true);
  expect(isActive({ id: -1 })).toBe(false);
});

it('details of events have virsh’s words', () => {
  expect(lifecycleDetail('stopped', 0)).toBe('shutdown');
  expect(lifecycleDetail('stopped', 5)).toBe('failed');
  expect(lifecycleDetail('suspended', 3)).toBe('watchdog');
  expect(lifecycleDetail('started', 99)).toBe('unknown');
});
