import { Inventory, type InventoryOptions } from '../../source/inventory/inventory.js';
import type { Connection, Domain } from '../../source/inventory/types.js';
import { FakeClock, settled } from './fake-clock.js';
import { FakeHost } from './fake-host.js';

export { settled } from './fake-clock.js';

/** An inventory with one connection to a scripted host, and the short words tests are written in. */
export class Bed {
  readonly clock = new FakeClock();
  readonly host = new FakeHost();
  readonly inventory: Inventory;
  readonly id: string;

  constructor(options: Partial<InventoryOptions> = {}) {
    this.inventory = new Inventory({
      open: async () => this.host.open(),
      clock: this.clock,
      random: () => 0,
      ...options,
    });
    this.id = this.inventory.add({ uri: 'qemu:///system' });
  }

  get connection(): Connection {
    const connection = this.inventory.connection(this.id);
    if (connection === undefined) throw new Error('the connection is gone');
    return connection;
  }

  get status(): string {
    return this.connection.status.state;
  }

  get names(): string[] {
    return [...this.connection.domains.values()].map(({ name }) => name).sort();
  }

  get notices(): string[] {
    return this.inventory.store.getState().notices.map(({ level, text }) => `${level}: ${text}`);
  }

  async connect(): Promise<void> {
    this.inventory.connect(this.id);
    await settled();
  }

  /** A domain by its name. */
  domain(name: string): Domain {
    const domain = [...this.connection.domains.values()].find((one) => one.name === name);
    if (domain === undefined) throw new Error(`no domain ${name}, but ${this.names.join(', ')}`);
    return domain;
  }
}
