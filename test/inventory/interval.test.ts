import { expect, it } from 'vitest';
import { Inventory } from '../../source/inventory/inventory.js';

it('tells a new interval at once: two presses of a key may come together', () => {
  const inventory = new Inventory({ open: () => Promise.reject(new Error('nobody connects')) });
  inventory.setInterval(3000);
  expect(inventory.store.getState().interval).toBe(3000);
});
