import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isUnsupported } from '../../../source/libvirt/errors.js';
import type { HypervisorEvent } from '../../../source/libvirt/events.js';
import type { NetworkRef } from '../../../source/libvirt/networks.js';
import { describeNetwork, networkXml, staticHostXml } from '../../../source/libvirt/xml/network-xml.js';
import { rejection } from '../../wire/peer.js';
import type { Bench, ContractSubject } from './subject.js';

let subnets = 0;

/** A definition whose addresses no other network of the tests has. */
function definition(name: string): string {
  subnets += 1;
  const address = `192.168.${200 + subnets}`;
  return networkXml({
    name,
    forward: 'isolated',
    bridge: `vdt${subnets}`,
    families: [
      {
        subnet: { family: 'ipv4', address: `${address}.0`, prefix: 24 },
        range: { start: `${address}.10`, end: `${address}.99` },
      },
    ],
  });
}

/** The virtual networks of a host, with virsh as the witness. */
export function describeNetworks({ can }: ContractSubject, bench: Bench): void {
  describe.runIf(can.networks)('virtual networks', () => {
    const names = async (...flags: string[]): Promise<string[]> =>
      (await bench.virsh('net-list', '--name', ...flags)).split('\n').filter(Boolean).sort();

    const listed = async (name: string) => {
      const list = await bench.hypervisor.networks.list();
      return isUnsupported(list) ? undefined : list.find((network) => network.name === name);
    };

    /** A network of this test's own, inactive; taken away afterwards. */
    async function withNetwork(work: (network: NetworkRef) => Promise<void>): Promise<void> {
      const name = bench.newName();
      const network = await bench.hypervisor.networks.define(definition(name));
      try {
        await work(network);
      } finally {
        await bench.host.virsh(['net-destroy', name]);
        await bench.host.virsh(['net-undefine', name]);
      }
    }

    it('are listed as virsh lists them', async () => {
      await withNetwork(async ({ name }) => {
        const list = await bench.hypervisor.networks.list();
        if (isUnsupported(list)) throw new Error(list.reason);
        expect(list.map((network) => network.name).sort()).toEqual(await names('--all'));
        expect(await listed(name)).toMatchObject({ active: false, autostart: false, persistent: true });
      });
    });

    it('start, autostart, stop and undefine are what virsh then sees', async () => {
      await withNetwork(async (network) => {
        const { networks } = bench.hypervisor;
        await networks.start(network);
        expect(await names()).toContain(network.name);
        await networks.setAutostart(network, true);
        expect(await names('--all', '--autostart')).toContain(network.name);
        expect(await listed(network.name)).toMatchObject({ active: true, autostart: true });
        await networks.stop(network);
        expect(await names()).not.toContain(network.name);
        await networks.undefine(network);
        expect(await names('--all')).not.toContain(network.name);
      });
    });

    it('the XML is the one that virsh prints, and says what was asked for', async () => {
      await withNetwork(async (network) => {
        const xml = await bench.hypervisor.networks.xml(network);
        expect(xml.trim()).toBe(await bench.virsh('net-dumpxml', network.name));
        // A driver with one definition only gives that one.
        expect(describeNetwork(await bench.hypervisor.networks.xml(network, { inactive: true })).name).toBe(
          network.name,
        );
        const facts = describeNetwork(xml);
        expect(facts).toMatchObject({ name: network.name, forward: 'isolated' });
        expect(facts.families[0]?.ranges).toHaveLength(1);
        expect(await bench.hypervisor.networks.lookup(network.name)).toMatchObject({ uuid: network.uuid });
      });
    });

    it('what another client does comes as an event', async () => {
      const events: HypervisorEvent[] = [];
      const stop = bench.hypervisor.onEvent((event) => events.push(event));
      const name = bench.newName();
      const file = join(tmpdir(), `${name}-${process.pid}.xml`);
      await writeFile(file, definition(name));
      await bench.virsh('net-define', file);
      await bench.virsh('net-start', name);
      await bench.virsh('net-destroy', name);
      await bench.virsh('net-undefine', name);
      // The answer to a call comes after the events that came before it.
      await bench.hypervisor.networks.list();
      stop();
      const ours = events.filter((event) => event.type === 'network' && event.network.name === name);
      expect(ours.map((event) => 'event' in event && event.event)).toEqual([
        'defined',
        'started',
        'stopped',
        'undefined',
      ]);
    });

    it('what cannot be is refused in the daemon’s words', async () => {
      await withNetwork(async (network) => {
        await bench.hypervisor.networks.start(network);
        const words = await bench.virshError('net-start', network.name);
        const error = await rejection(bench.hypervisor.networks.start(network));
        expect(words).toContain((error as Error).message);
      });
    });

    it.runIf(can.networkUpdate)('a static host is added to both definitions, and taken away', async () => {
      await withNetwork(async (network) => {
        const { networks } = bench.hypervisor;
        await networks.start(network);
        const [family] = describeNetwork(await networks.xml(network)).families;
        const ip = (family?.address ?? '').replace(/\.1$/, '.50');
        const entry = { mac: '52:54:00:11:22:33', id: undefined, name: 'pinned', ip };
        const change = { section: 'ip-dhcp-host', parentIndex: 0, xml: staticHostXml(entry) } as const;
        await networks.update(network, { command: 'add-last', ...change });
        for (const flags of can.networkDefinitions ? [[], ['--inactive']] : [[]]) {
          expect(await bench.virsh('net-dumpxml', network.name, ...flags)).toContain("name='pinned'");
        }
        expect(describeNetwork(await networks.xml(network)).families[0]?.hosts).toEqual([entry]);
        await networks.update(network, { command: 'delete', ...change });
        expect(await bench.virsh('net-dumpxml', network.name)).not.toContain('pinned');
      });
    });

    it('leases are a list, or said not to be had', async () => {
      await withNetwork(async (network) => {
        await bench.hypervisor.networks.start(network);
        const leases = await bench.hypervisor.networks.leases(network);
        expect(isUnsupported(leases) || Array.isArray(leases)).toBe(true);
      });
    });
  });
}
