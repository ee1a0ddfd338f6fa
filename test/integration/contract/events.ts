import { describe, expect, it } from 'vitest';
import type { HypervisorEvent } from '../../../source/libvirt/events.js';
import type { Hypervisor } from '../../../source/libvirt/hypervisor.js';
import type { Bench } from './subject.js';

export function describeEvents(bench: Bench): void {
  describe('events', () => {
    it('tell in order what another client does', async () => {
      const name = bench.newName();
      const heard = new Listener(bench.hypervisor, name);
      await bench.host.define(name);
      for (const command of ['start', 'suspend', 'resume', 'destroy', 'undefine']) {
        await bench.virsh(command, name);
      }
      await heard.until('undefined');
      expect(subsequence(heard.words, everything)).toEqual(everything);
      // The states in between are told by the last event before the next command, whatever else a driver says.
      expect(heard.words.at(0)).toBe('defined added');
      expect(heard.words.at(-1)).toBe('undefined removed');
    });

    it('tell what this client does, with the domain it happened to', async () => {
      const domain = await bench.domain();
      const heard = new Listener(bench.hypervisor, domain.name);
      await bench.hypervisor.start(domain);
      await bench.hypervisor.destroy(domain);
      await heard.until('stopped');
      expect(subsequence(heard.words, ['started booted', 'stopped destroyed'])).toHaveLength(2);
      for (const event of heard.events)
        expect(event.domain).toMatchObject({ name: domain.name, uuid: domain.uuid });
    });

    it('reach every connection and every listener until they stop listening', async () => {
      const other = await bench.host.open();
      try {
        const domain = await bench.domain();
        const own = new Listener(bench.hypervisor, domain.name);
        const second = new Listener(bench.hypervisor, domain.name);
        const elsewhere = new Listener(other, domain.name);
        second.stop();
        await bench.virsh('start', domain.name);
        await Promise.all([own.until('started'), elsewhere.until('started')]);
        expect(second.words).toEqual([]);
      } finally {
        await other.close();
      }
    });

    it('are heard while calls are under way', async () => {
      const domain = await bench.domain();
      const heard = new Listener(bench.hypervisor, domain.name);
      const calls = Promise.all(Array.from({ length: 50 }, () => bench.hypervisor.listDomains()));
      await bench.virsh('start', domain.name);
      await heard.until('started');
      await calls;
    });
  });
}

const everything = [
  'defined added',
  'started booted',
  'suspended paused',
  'resumed unpaused',
  'stopped destroyed',
  'undefined removed',
];

/** Collects the lifecycle events of one domain. */
class Listener {
  readonly events: Extract<HypervisorEvent, { type: 'lifecycle' }>[] = [];
  readonly stop: () => void;
  #wake: () => void = () => {};

  constructor(hypervisor: Hypervisor, name: string) {
    this.stop = hypervisor.onEvent((event) => {
      if (event.type !== 'lifecycle' || event.domain.name !== name) return;
      this.events.push(event);
      this.#wake();
    });
  }

  get words(): string[] {
    return this.events.map(({ event, detail }) => `${event} ${detail}`);
  }

  /** Resolves once that event has been heard. */
  async until(event: string): Promise<void> {
    while (!this.events.some((heard) => heard.event === event)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Those of `wanted` that are in `words`, in that order. */
function subsequence(words: readonly string[], wanted: readonly string[]): string[] {
  const found: string[] = [];
  let from = 0;
  for (const word of wanted) {
    const at = words.indexOf(word, from);
    if (at < 0) break;
    found.push(word);
    from = at + 1;
  }
  return found;
}
