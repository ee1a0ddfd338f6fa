import { expect, test } from 'vitest';
import { Bed, settled } from './bed.js';

test('another name leaves the connection at work, with its domains and its id', async () => {
  const bed = new Bed();
  bed.host.addRunning('web-1');
  await bed.connect();
  await settled();
  const { id, uri } = bed.connection;
  bed.inventory.add({ uri: 'test:///other', name: 'other' });
  expect(bed.inventory.change(id, { uri, name: 'cellar' })).toBe(id);
  await settled();
  const { connections } = bed.inventory.store.getState();
  expect(connections.map(({ name, status }) => [name, status.state])).toEqual([
    ['cellar', 'connected'],
    ['other', 'disconnected'],
  ]);
  expect([...(connections[0]?.domains.values() ?? [])].map(({ name }) => name)).toEqual(['web-1']);
});

test('another URI is another connection in the same place, which connects where the old one did', async () => {
  const bed = new Bed();
  await bed.connect();
  await settled();
  const { inventory } = bed;
  const old = bed.connection.id;
  const idle = inventory.add({ uri: 'test:///idle', name: 'idle' });
  const moved = inventory.change(old, { uri: 'test:///moved', name: 'one' });
  const idleMoved = inventory.change(idle, { uri: 'test:///idle-moved', name: 'idle' });
  await settled();
  const told = inventory.store.getState().connections.map(({ id, uri, status }) => [id, uri, status.state]);
  expect(told).toEqual([
    [moved, 'test:///moved', 'connected'],
    [idleMoved, 'test:///idle-moved', 'disconnected'],
  ]);
  expect(inventory.connection(old)).toBeUndefined();
});
