import type { Duplex } from 'node:stream';
import { createLab, type Lab, type LabOptions } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import { ManualClock } from '../../source/lab/world/clock.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { type HypervisorEvent, isDomainEvent } from '../../source/libvirt/events.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { Channel } from '../../source/wire/channel.js';
import { procedures } from '../../source/wire/procedures.js';

/** A lab whose time stands still until a test lets it pass. */
export function stillLab(options: LabOptions = {}): { readonly lab: Lab; readonly clock: ManualClock } {
  const clock = new ManualClock();
  return { lab: createLab({ ...options, clock }), clock };
}

/** A client of a lab that writes down what it hears. */
export class Listener {
  static async open(lab: Lab): Promise<Listener> {
    return new Listener(await openLab(lab, { events: true }));
  }

  readonly hypervisor: RemoteHypervisor;
  readonly events: HypervisorEvent[] = [];

  private constructor(hypervisor: RemoteHypervisor) {
    this.hypervisor = hypervisor;
    hypervisor.onEvent((event) => this.events.push(event));
  }

  /** Everything that was told until now, in words. An answer comes after all events that were sent before. */
  async heard(): Promise<string[]> {
    await this.hypervisor.hostInfo();
    return this.events.map(words);
  }
}

/** A domain that a test is about; throws when there is none. */
export function domainWhere(lab: Lab, test: (domain: LabDomain) => boolean): LabDomain {
  const domain = [...lab.world.domains.values()].find(test);
  if (domain === undefined) throw new Error('no such domain in this world');
  return domain;
}

/** A channel to a lab with nothing done on it but the opening. */
export async function openChannel(duplex: Duplex): Promise<Channel> {
  const channel = new Channel(duplex);
  await channel.call(procedures.CONNECT_OPEN, { name: 'qemu:///system', flags: 0 });
  return channel;
}

function words(event: HypervisorEvent): string {
  if (!isDomainEvent(event)) return `${event.type}: ${event.event}`;
  const { name } = event.domain;
  if (event.type === 'lifecycle') return `${name}: ${event.event} ${event.detail}`;
  if (event.type === 'agent') return `${name}: agent ${event.connected ? 'connected' : 'disconnected'}`;
  return `${name}: ${event.type}`;
}
