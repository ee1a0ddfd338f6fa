import { describe, expect, it } from 'vitest';
import { rejection } from '../../wire/peer.js';
import type { Bench } from './subject.js';

export function describeEnd(bench: Bench): void {
  describe('the end', () => {
    it('by close() is no failure; calls afterwards are', async () => {
      const hypervisor = await bench.host.open();
      const pending = hypervisor.listDomains().then(
        () => 'answered',
        (error) => error.kind,
      );
      await hypervisor.close();
      expect(['answered', 'closed']).toContain(await pending);
      expect(await hypervisor.closed).toBeUndefined();
      expect(await rejection(hypervisor.listDomains())).toMatchObject({
        name: 'LibvirtError',
        kind: 'closed',
      });
      await hypervisor.close();
      // The other connection does not notice.
      expect((await bench.hypervisor.hostInfo()).hostname).not.toBe('');
    });

    it('of the daemon is told to everybody', async () => {
      const hypervisor = await bench.host.open();
      const domain = await bench.domain();
      const calls = Array.from({ length: 20 }, () =>
        hypervisor.domainXml(domain).then(
          () => undefined,
          (error) => error,
        ),
      );
      await bench.host.kill();
      for (const error of (await Promise.all(calls)).filter((each) => each !== undefined)) {
        expect(error).toMatchObject({ name: 'LibvirtError', kind: 'closed' });
      }
      expect(await hypervisor.closed).toMatchObject({ name: 'LibvirtError', kind: 'closed' });
      expect(await rejection(hypervisor.start(domain))).toMatchObject({
        name: 'LibvirtError',
        kind: 'closed',
      });
      await hypervisor.close();
    });
  });
}
