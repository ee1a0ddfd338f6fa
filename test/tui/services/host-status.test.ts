import { expect, test } from 'vitest';
import { hostStatus, slowText } from '../../../source/tui/services/host-status.js';
import { Look } from '../../../source/tui/theme/look.js';
import { FakeInventory } from '../fake-inventory.js';

const look = new Look({ unicode: true, colors: 0 });

const host = (latencies: readonly number[], state: 'connected' | 'disconnected' = 'connected') => {
  const inventory = new FakeInventory();
  const metrics = { calls: 9, bytesReceived: 0, bytesSent: 0, latencies };
  const status = state === 'connected' ? { state, since: 0 } : { state };
  return inventory.addHost('lab2', [], { status, metrics });
};

test('a host whose calls take long says so, one long call alone does not', () => {
  expect(slowText(host([700, 820, 900, 610, 850]))).toBe('slow: 820 ms');
  expect(slowText(host([2, 3, 2, 2, 9000]))).toBeUndefined();
  expect(slowText(host([9000]))).toBeUndefined();
  expect(slowText(host([700, 700, 700, 700, 700], 'disconnected'))).toBeUndefined();
});

test('a host that asks a person says that it waits for them, on the way back as well', () => {
  const asking = host([]);
  asking.status = { state: 'connecting', since: 0, step: 'logging in', asking: true };
  expect(hostStatus(asking, true, { look, now: 0 }).text).toBe('waits for your answer…');
});
