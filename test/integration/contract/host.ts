import { describe, expect, it } from 'vitest';
import { isUnsupported } from '../../../source/libvirt/errors.js';
import type { Bench, ContractSubject } from './subject.js';

export function describeHost(subject: ContractSubject, bench: Bench): void {
  describe('the host', () => {
    it('is described as virsh does', async () => {
      const info = await bench.hypervisor.hostInfo();
      const node = table(await bench.virsh('nodeinfo'));
      const version = table(await bench.virsh('version'));
      expect(info).toMatchObject({
        hostname: await bench.virsh('hostname'),
        uri: subject.uri,
        cpuModel: node.get('CPU model'),
        cpus: Number(node.get('CPU(s)')),
        mhz: Number.parseInt(node.get('CPU frequency') ?? '', 10),
        sockets: Number(node.get('CPU socket(s)')),
        cores: Number(node.get('Core(s) per socket')),
        threads: Number(node.get('Thread(s) per core')),
        numaNodes: Number(node.get('NUMA cell(s)')),
        memory: Number.parseInt(node.get('Memory size') ?? '', 10),
      });
      expect(version.get('Using library')).toBe(`libvirt ${info.libvirtVersion}`);
      expect(version.get('Running hypervisor')).toBe(`${info.type} ${info.hypervisorVersion}`);
    });

    it('has used as much CPU time as virsh says', async () => {
      const before = cpuTimes(await bench.virsh('nodecpustats'));
      const { cpu } = await bench.hypervisor.hostStats();
      const after = cpuTimes(await bench.virsh('nodecpustats'));
      if (isUnsupported(cpu)) throw new Error(cpu.reason);
      for (const key of ['busy', 'total'] as const) {
        expect(cpu[key]).toBeGreaterThanOrEqual(before[key]);
        expect(cpu[key]).toBeLessThanOrEqual(after[key]);
      }
    });

    it('has its memory, or says that it cannot tell', async () => {
      const { memory } = await bench.hypervisor.hostStats();
      expect(isUnsupported(memory)).toBe(!subject.can.hostMemory);
      if (isUnsupported(memory)) return expect(memory.reason).not.toBe('');
      const stats = table(await bench.virsh('nodememstats'));
      expect(memory.total).toBe(Number.parseInt(stats.get('total') ?? '', 10));
      expect(memory.free).toBeGreaterThan(0);
      expect(memory.free).toBeLessThanOrEqual(memory.total);
    });

    it('counts what goes over its connection', async () => {
      const before = { ...bench.hypervisor.metrics };
      await bench.hypervisor.hostInfo();
      expect(bench.hypervisor.metrics.calls).toBeGreaterThan(before.calls);
      expect(bench.hypervisor.metrics.bytesReceived).toBeGreaterThan(before.bytesReceived);
      expect(bench.hypervisor.metrics.latencies.length).toBeGreaterThan(0);
    });
  });
}

/** virsh's "name: value" lines. */
function table(text: string): Map<string, string> {
  return new Map(
    text.split('\n').map((line): [string, string] => {
      const [name = '', ...value] = line.split(':');
      return [name.trim(), value.join(':').trim()];
    }),
  );
}

function cpuTimes(text: string): { busy: number; total: number } {
  const times = table(text);
  const of = (name: string) => Number(times.get(name) ?? 0);
  const busy = of('user') + of('system') + of('intr');
  return { busy, total: busy + of('idle') + of('iowait') };
}
