import { describe, expect, it } from 'vitest';
import { rejection } from '../../wire/peer.js';
import type { Bench } from './subject.js';

export function describeWaiting(bench: Bench): void {
  describe('waiting', () => {
    it('ends at once when the caller gives up, before or during a call', async () => {
      const { hypervisor } = bench;
      const error = await rejection(hypervisor.listDomains({ signal: AbortSignal.abort() }));
      expect(error).toMatchObject({ name: 'LibvirtError', kind: 'aborted' });
      const given = new AbortController();
      const asked = rejection(hypervisor.hostInfo({ signal: given.signal }));
      given.abort();
      expect(await asked).toMatchObject({ name: 'LibvirtError', kind: 'aborted' });
      expect((await hypervisor.hostInfo()).hostname).not.toBe('');
    });

    it('ends when the time is over, and the connection goes on', async () => {
      const { hypervisor } = bench;
      // Far more calls than one millisecond is enough for.
      const asked = Array.from({ length: 300 }, () =>
        hypervisor.hostInfo({ timeout: 1 }).then(
          () => undefined,
          (error) => error,
        ),
      );
      const errors = (await Promise.all(asked)).filter((error) => error !== undefined);
      expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) {
        expect(error).toMatchObject({ name: 'LibvirtError', kind: 'timeout' });
        expect(error.hint).toBeTruthy();
      }
      expect((await hypervisor.hostInfo()).hostname).not.toBe('');
    });

    it('is not needed for 200 calls at once: all are answered, background ones too', async () => {
      const domain = await bench.domain();
      const { hypervisor } = bench;
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          hypervisor.domainXml(domain, { priority: i % 2 === 0 ? 'interactive' : 'background' }),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain(domain.uuid);
    });
  });
}
