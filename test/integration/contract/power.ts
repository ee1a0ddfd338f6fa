import { describe, expect, it } from 'vitest';
import type { DomainRef, Hypervisor } from '../../../source/libvirt/hypervisor.js';
import { rejection } from '../../wire/peer.js';
import type { Bench, ContractSubject } from './subject.js';

export function describePower(subject: ContractSubject, bench: Bench): void {
  describe('what is done to a domain, as virsh sees it', () => {
    it('start, suspend, resume, force off', async () => {
      const domain = await bench.domain();
      const { hypervisor } = bench;
      await hypervisor.start(domain);
      expect(await bench.state(domain)).toBe('running');
      await hypervisor.suspend(domain);
      expect(await bench.state(domain)).toBe('paused');
      await hypervisor.resume(domain);
      expect(await bench.state(domain)).toBe('running');
      await hypervisor.destroy(domain);
      expect(await bench.state(domain)).toBe('shut off');
    });

    it('a reboot, which ends in a running domain', async () => {
      const domain = await bench.running();
      await bench.hypervisor.reboot(domain);
      expect(await bench.state(domain)).toBe('running');
    });

    it('a shut-down request, which the guest may obey', async () => {
      const domain = await bench.running();
      await bench.hypervisor.shutdown(domain);
      const states = subject.can.shutdownAtOnce ? ['shut off'] : ['running', 'in shutdown', 'shut off'];
      expect(states).toContain(await bench.state(domain));
    });

    it.runIf(subject.can.managedSave)('a managed save, from which the next start goes on', async () => {
      const domain = await bench.running();
      await bench.hypervisor.managedSave(domain);
      expect(await bench.state(domain)).toBe('shut off');
      const listing = async () =>
        (await bench.hypervisor.listDomains()).find(({ uuid }) => uuid === domain.uuid);
      expect(await listing()).toMatchObject({ id: -1, managedSave: true });
      await bench.hypervisor.start(domain);
      expect(await bench.state(domain)).toBe('running');
      expect(await listing()).toMatchObject({ managedSave: false });
    });

    it('autostart, on and off', async () => {
      const domain = await bench.domain();
      const autostarting = () => bench.virsh('list', '--all', '--name', '--autostart');
      await bench.hypervisor.setAutostart(domain, true);
      expect(await autostarting()).toContain(domain.name);
      await bench.hypervisor.setAutostart(domain, false);
      expect(await autostarting()).not.toContain(domain.name);
    });
  });

  describe('what does not fit a domain’s state', () => {
    const wrong: readonly [string, (hypervisor: Hypervisor, domain: DomainRef) => Promise<void>, string][] = [
      ['force off', (hypervisor, domain) => hypervisor.destroy(domain), 'destroy'],
      ['shut down', (hypervisor, domain) => hypervisor.shutdown(domain), 'shutdown'],
      ['suspend', (hypervisor, domain) => hypervisor.suspend(domain), 'suspend'],
      ['resume', (hypervisor, domain) => hypervisor.resume(domain), 'resume'],
    ];

    it.each(wrong)(
      '%s of a domain that is shut off is refused in the daemon’s words',
      async (_, act, command) => {
        const domain = await bench.domain();
        const words = await bench.virshError(command, domain.name);
        const error = await rejection(act(bench.hypervisor, domain));
        expect(error).toMatchObject({ name: 'LibvirtError', kind: 'libvirt', message: words });
        expect(await bench.state(domain)).toBe('shut off');
      },
    );

    it('start of a running domain is refused in the daemon’s words', async () => {
      const domain = await bench.running();
      const error = await rejection(bench.hypervisor.start(domain));
      expect(error).toMatchObject({ name: 'LibvirtError', kind: 'libvirt' });
      expect(error.message).toMatch(/already|running/);
      expect(await bench.state(domain)).toBe('running');
    });

    it('waking a domain that does not sleep is refused, or cannot be done at all', async () => {
      const domain = await bench.running();
      const error = await rejection(bench.hypervisor.wakeup(domain));
      expect(error).toMatchObject({ name: 'LibvirtError' });
      expect(['libvirt', 'unsupported']).toContain((error as unknown as { kind: string }).kind);
    });
  });
}
