import { afterEach, beforeEach, vi } from 'vitest';
import { DomainState } from '../../../../source/libvirt/domain-state.js';
import type { FakeInventory } from '../../fake-inventory.js';
import { Manager } from '../../manager-harness.js';

let open: Manager | undefined;

/** Fake timers around every test of the file, and the manager that it opened disposed of. */
export function managersForTests(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    open?.model.dispose();
    open = undefined;
    vi.useRealTimers();
  });
}

export function manager(...options: ConstructorParameters<typeof Manager>): Manager {
  open = new Manager(...options);
  return open;
}

/** What arrived is drawn after the model's short wait for more. */
export const drawn = (): void => void vi.advanceTimersByTime(50);

/** One host with a running, a shut off and a paused domain. */
export const three = (inventory: FakeInventory): void => {
  inventory.addHost('stardust', [
    { name: 'vm-10', cpu: [10, 50, 100] },
    { name: 'vm-2', state: DomainState.shutOff },
    { name: 'Vm-1', state: DomainState.paused },
  ]);
};

/** Two connected hosts and one that failed. */
export const hosts = (inventory: FakeInventory): void => {
  inventory.addHost('stardust', [
    { name: 'web-1', cpu: [10, 20] },
    { name: 'db-1', cpu: [10, 90] },
  ]);
  inventory.addHost('lab2', [
    { name: 'mail', cpu: [40, 40] },
    { name: 'web-2', state: DomainState.shutOff },
  ]);
  inventory.addHost('vc', [], { status: { state: 'disconnected' } });
};
