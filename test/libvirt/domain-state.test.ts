import { expect, it } from 'vitest';
import {
  DomainState,
  isActive,
  notableReason,
  reasonName,
  stateName,
  stateText,
  stateWithReason,
  toDomainState,
} from '../../source/libvirt/domain-state.js';
import { lifecycleDetail, stateOfEvent } from '../../source/libvirt/events.js';

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

it('reasons have the words of virsh domstate --reason', () => {
  expect(reasonName(DomainState.running, 1)).toBe('booted');
  expect(reasonName(DomainState.running, 11)).toBe('post-copy failed');
  expect(reasonName(DomainState.paused, 5)).toBe('I/O error');
  expect(reasonName(DomainState.paused, 14)).toBe('api error');
  expect(reasonName(DomainState.shutOff, 6)).toBe('failed');
  expect(reasonName(DomainState.shutOff, 8)).toBe('daemon');
  expect(reasonName(DomainState.crashed, 1)).toBe('panicked');
  for (const reason of [0, 99, -1, 1.5, Number.NaN]) {
    for (const state of Object.values(DomainState)) expect(reasonName(state, reason)).toBeUndefined();
  }
});

it('a list says the reason that a person has to know, and leaves out what goes without saying', () => {
  expect(stateText(DomainState.paused, 5)).toBe('paused (I/O error)');
  expect(stateText(DomainState.paused, 1)).toBe('paused');
  expect(stateText(DomainState.shutOff, 6)).toBe('shut off (failed)');
  expect(stateText(DomainState.shutOff, 2)).toBe('shut off');
  expect(stateText(DomainState.crashed, 1)).toBe('crashed (panicked)');
  expect(stateText(DomainState.running, 1)).toBe('running');
  expect(notableReason(DomainState.running, 9)).toBe('crashed');
  expect(stateWithReason(DomainState.shutOff, 2)).toBe('shut off (destroyed)');
  expect(stateWithReason(DomainState.shutOff, 0)).toBe('shut off');
});

it('an event tells the reason of the state that it leaves', () => {
  expect(stateOfEvent('suspended', 'i/o error')).toEqual({ state: DomainState.paused, reason: 5 });
  expect(stateOfEvent('suspended', 'paused')).toEqual({ state: DomainState.paused, reason: 0 });
  expect(stateOfEvent('stopped', 'failed')).toEqual({ state: DomainState.shutOff, reason: 6 });
  expect(stateOfEvent('stopped', 'toString')).toEqual({ state: DomainState.shutOff, reason: 0 });
  expect(stateOfEvent('defined', 'added')).toBeUndefined();
});
