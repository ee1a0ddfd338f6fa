import { describe, expect, it } from 'vitest';
import { stateName } from '../../../source/libvirt/domain-state.js';
import { isUnsupported } from '../../../source/libvirt/errors.js';
import { rejection } from '../../wire/peer.js';
import type { Bench, ContractSubject } from './subject.js';

export function describeDomainLists(subject: ContractSubject, bench: Bench): void {
  describe('the list of domains', () => {
    it('holds the same domains as virsh’s', async () => {
      await bench.domain();
      await bench.running();
      const listed = await bench.hypervisor.listDomains();
      const byName = [...listed].map(({ name }) => name).sort();
      expect(byName).toEqual(lines(await bench.virsh('list', '--all', '--name')).sort());
      expect([...listed].map(({ uuid }) => uuid).sort()).toEqual(
        lines(await bench.virsh('list', '--all', '--uuid')).sort(),
      );
    });

    it('has ids of running domains only', async () => {
      const off = await bench.domain();
      const on = await bench.running();
      const listed = await bench.hypervisor.listDomains();
      expect(listed.find(({ name }) => name === off.name)?.id).toBe(-1);
      expect(String(listed.find(({ name }) => name === on.name)?.id)).toBe(
        await bench.virsh('domid', on.name),
      );
    });

    it('knows what starts by itself, what stays and what has a saved state', async () => {
      await bench.domain();
      const auto = await bench.domain();
      await bench.virsh('autostart', auto.name);
      const transient = bench.newName();
      await bench.host.createTransient(transient);
      if (subject.can.managedSave) await bench.virsh('managedsave', (await bench.running()).name);
      const flags = async (flag: string) => lines(await bench.virsh('list', '--all', '--name', flag)).sort();
      const listed = await bench.hypervisor.listDomains();
      const having = (flag: 'autostart' | 'persistent' | 'managedSave') =>
        listed
          .filter((domain) => domain[flag])
          .map(({ name }) => name)
          .sort();
      expect(having('autostart')).toEqual(await flags('--autostart'));
      expect(having('persistent')).toEqual(await flags('--persistent'));
      expect(having('persistent')).not.toContain(transient);
      if (subject.can.managedSave) expect(having('managedSave')).toHaveLength(1);
      expect(having('managedSave')).toEqual(
        subject.can.managedSave ? await flags('--with-managed-save') : [],
      );
    });
  });

  describe('one domain', () => {
    it('is found by its name', async () => {
      const { name, uuid } = await bench.domain();
      expect(uuid).toBe(await bench.virsh('domuuid', name));
      expect(await bench.hypervisor.lookupDomain(name)).toEqual({ name, uuid, id: -1 });
    });

    it('that does not exist is error 42, with the daemon’s words', async () => {
      const words = await bench.virshError('domuuid', 'nobody');
      const error = await rejection(bench.hypervisor.lookupDomain('nobody'));
      expect(error).toMatchObject({ name: 'LibvirtError', kind: 'libvirt', code: 42 });
      // virsh leads in with "failed to get domain"; the libvirt message ends alike.
      expect(words === error.message || words.includes('failed to get domain')).toBe(true);
    });

    it('that was removed meanwhile is error 42 for every question', async () => {
      const domain = await bench.domain();
      await bench.virsh('undefine', domain.name);
      const { hypervisor } = bench;
      const answers = [
        hypervisor.domainXml(domain),
        hypervisor.start(domain),
        hypervisor.setAutostart(domain, true),
        hypervisor.interfaceAddresses(domain, 'lease'),
      ];
      for (const error of await Promise.all(answers.map(rejection))) {
        expect(error).toMatchObject({ name: 'LibvirtError', code: 42 });
      }
    });

    it('has the XML that virsh dumps, live and of the next start', async () => {
      const { name } = await bench.running();
      const domain = await bench.hypervisor.lookupDomain(name);
      expect((await bench.hypervisor.domainXml(domain)).trim()).toBe(await bench.virsh('dumpxml', name));
      expect((await bench.hypervisor.domainXml(domain, { inactive: true })).trim()).toBe(
        await bench.virsh('dumpxml', '--inactive', name),
      );
    });

    it('has addresses, or there is nobody who could tell them', async () => {
      const domain = await bench.running();
      const leases = await bench.hypervisor.interfaceAddresses(domain, 'lease');
      if (!isUnsupported(leases)) {
        const printed = await bench.virsh('domifaddr', domain.name, '--source', 'lease');
        for (const { interface: name, address, prefix } of leases) {
          expect(printed).toContain(name);
          expect(printed).toContain(`${address}/${prefix}`);
        }
      }
      const agent = await bench.hypervisor.interfaceAddresses(domain, 'agent');
      expect(isUnsupported(agent) || Array.isArray(agent)).toBe(true);
    });
  });

  describe('statistics of all domains', () => {
    it('know every domain and its state', async () => {
      const off = await bench.domain();
      const on = await bench.running();
      const paused = await bench.running();
      await bench.virsh('suspend', paused.name);
      const stats = await bench.hypervisor.domainStats([
        'state',
        'cpu',
        'balloon',
        'vcpu',
        'interface',
        'block',
      ]);
      for (const domain of [off, on, paused]) {
        const record = stats.find(({ uuid }) => uuid === domain.uuid);
        expect(record?.name).toBe(domain.name);
        expect(stateName(record?.state ?? -1)).toBe(await bench.state(domain));
      }
      expect(stats).toHaveLength((await bench.hypervisor.listDomains()).length);
    });

    it('count CPU time and memory of a running domain, by dominfo’s call where the driver tells no more', async () => {
      const { uuid, name } = await bench.running();
      const stats = await bench.hypervisor.domainStats(['state', 'cpu', 'balloon', 'vcpu']);
      const record = stats.find((each) => each.uuid === uuid);
      const info = await bench.virsh('dominfo', name);
      expect(record?.cpuTime).toBeGreaterThan(0);
      expect(info).toMatch(new RegExp(`Max memory: +${record?.balloonMaximum} KiB`));
      expect(info).toMatch(new RegExp(`CPU\\(s\\): +${record?.vcpuCurrent}\n`));
      if (subject.can.cpuStats) expect(record?.vcpuTimes).toHaveLength(record?.vcpuCurrent ?? -1);
    });
  });
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
