import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../../source/libvirt/byte-stream.js';
import { ErrorCode, isUnsupported, type LibvirtError } from '../../../source/libvirt/errors.js';
import type { DomainRef } from '../../../source/libvirt/hypervisor.js';
import { describeCapabilities } from '../../../source/libvirt/xml/capabilities-xml.js';
import { describeDomainCapabilities } from '../../../source/libvirt/xml/domain-capabilities-xml.js';
import { xmlText } from '../../../source/libvirt/xml/write.js';
import { rejection } from '../../wire/peer.js';
import type { Bench, ContractSubject } from './subject.js';

/** VIR_ERR_XML_ERROR (not what was expected), VIR_ERR_XML_DETAIL (not well-formed), VIR_ERR_XML_INVALID_SCHEMA */
const badXml = [27, 35, 92];

export function describeDefinitions(subject: ContractSubject, bench: Bench): void {
  describe('a definition', () => {
    const define = async (): Promise<DomainRef> =>
      bench.hypervisor.defineDomain(bench.host.xml(bench.newName()));

    it('makes a domain that is shut off, listed, and read back as virsh dumps it', async () => {
      const domain = await define();
      expect(domain).toMatchObject({ id: -1, uuid: await bench.virsh('domuuid', domain.name) });
      expect(await bench.state(domain)).toBe('shut off');
      const listed = await bench.hypervisor.listDomains();
      expect(listed.find(({ name }) => name === domain.name)).toMatchObject({
        uuid: domain.uuid,
        persistent: true,
      });
      expect((await bench.hypervisor.domainXml(domain)).trim()).toBe(
        await bench.virsh('dumpxml', domain.name),
      );
    });

    it('of the same name and UUID changes the domain that is there', async () => {
      const domain = await define();
      const uuid = `<uuid>${domain.uuid}</uuid><title>once more</title>`;
      const xml = bench.host.xml(domain.name).replace('</name>', `</name>${uuid}`);
      expect(await bench.hypervisor.defineDomain(xml)).toEqual(domain);
      expect(await bench.virsh('desc', '--title', domain.name)).toBe('once more');
    });

    it('keeps a name of quotes, markup and other scripts as it is', async () => {
      const name = `${bench.newName()} <&">'ä漢🙂$(id);`;
      const domain = await bench.hypervisor.defineDomain(bench.host.xml(xmlText(name)));
      try {
        expect(domain.name).toBe(name);
        expect(await bench.virsh('domname', domain.uuid)).toBe(name);
      } finally {
        await bench.hypervisor.undefineDomain(domain);
      }
      expect(await bench.virsh('list', '--all', '--name')).not.toContain(name);
    });

    it('with a name that is taken is refused, and leaves the other as it was', async () => {
      const domain = await define();
      const xml = bench.host.xml(domain.name).replace('</name>', '</name><title>another</title>');
      const error = await rejection(bench.hypervisor.defineDomain(xml));
      expect(error).toMatchObject({ name: 'LibvirtError', kind: 'libvirt' });
      expect(error.message).toContain(domain.name);
      expect(await bench.virsh('domuuid', domain.name)).toBe(domain.uuid);
    });

    it('that is no XML, or not libvirt’s, is refused', async () => {
      const before = await bench.virsh('list', '--all', '--name');
      const xml = bench.host.xml(bench.newName());
      const wrong = [
        xml.replace('</domain>', ''),
        xml.replace('domain', 'network').replace('/domain', '/network'),
        xml.replace('</name>', '</name><nothing-of-the-kind/>'),
      ];
      for (const text of wrong) {
        const error = await rejection(bench.hypervisor.defineDomain(text));
        expect(error).toMatchObject({ name: 'LibvirtError', kind: 'libvirt' });
        expect(badXml).toContain((error as LibvirtError).code);
      }
      expect(await bench.virsh('list', '--all', '--name')).toBe(before);
    });

    it('is gone after it is undefined, and told so', async () => {
      const domain = await define();
      await bench.hypervisor.undefineDomain(domain);
      expect(await bench.virshError('domuuid', domain.name)).toContain('failed to get domain');
      const error = await rejection(bench.hypervisor.undefineDomain(domain));
      expect(error).toMatchObject({ kind: 'libvirt', code: ErrorCode.noDomain });
    });

    it.runIf(subject.can.managedSave)('takes its managed save with it', async () => {
      const domain = await bench.running();
      await bench.virsh('managedsave', domain.name);
      await bench.hypervisor.undefineDomain(domain);
      expect(await bench.virsh('list', '--all', '--name')).not.toContain(domain.name);
    });

    it('of a running domain goes; the domain runs on until it is stopped', async () => {
      const domain = await bench.running();
      await bench.hypervisor.undefineDomain(domain);
      expect(await bench.state(domain)).toBe('running');
      await bench.hypervisor.destroy(domain);
      expect(await bench.virsh('list', '--all', '--name')).not.toContain(domain.name);
    });
  });

  describe('what can be defined', () => {
    it('is told by the host’s capabilities', async () => {
      const xml = await bench.hypervisor.capabilities();
      expect(xml.trim()).toBe(await bench.virsh('capabilities'));
      const { guests } = describeCapabilities(xml);
      const type = /<domain type=.(\w+)/.exec(bench.host.xml('any'))?.[1];
      const fitting = guests.filter(({ domains }) => domains.some((domain) => domain.type === type));
      expect(fitting.map(({ osType }) => osType)).toContain('hvm');
      for (const { arch } of guests) expect(arch).not.toBe('');
    });

    it('is told of an emulator, or the driver does not know', async () => {
      const query = { arch: 'x86_64', virtType: 'qemu', machine: 'q35' };
      const xml = await bench.hypervisor.domainCapabilities(query);
      expect(isUnsupported(xml)).toBe(!subject.can.domainCapabilities);
      if (isUnsupported(xml)) return;
      const described = describeDomainCapabilities(xml);
      expect(described).toMatchObject({ arch: 'x86_64', virtType: 'qemu' });
      expect(described.machine).toMatch(/^pc-q35-/);
      expect(described.maxVcpus).toBeGreaterThan(1);
      expect(described.diskDevices).toEqual(expect.arrayContaining(['disk', 'cdrom']));
      expect(described.diskBuses).toEqual(expect.arrayContaining(['virtio', 'scsi', 'sata']));
      expect(described.graphics).toContain('vnc');
      expect(described.rngBackends).toContain('random');
      expect(described.cpuModes.custom).not.toEqual([]);
    });

    it.runIf(subject.can.domainCapabilities)('is not told of a machine that there is not', async () => {
      const query = { arch: 'x86_64', virtType: 'qemu', machine: 'no-such-machine' };
      const error = await rejection(bench.hypervisor.domainCapabilities(query));
      expect(error).toMatchObject({ kind: 'libvirt', code: ErrorCode.invalidArg });
      expect(error.message).toContain('no-such-machine');
    });
  });

  describe('a serial console', () => {
    const { consoles } = subject.can;

    it.skipIf(consoles)('is not there on a driver without', async () => {
      const domain = await bench.running();
      const error = await rejection(bench.hypervisor.openConsole(domain));
      expect(error).toMatchObject({ name: 'LibvirtError', kind: 'unsupported' });
    });

    it.runIf(consoles)('of a domain that is shut off is refused', async () => {
      const error = await rejection(bench.hypervisor.openConsole(await bench.domain()));
      expect(error).toMatchObject({ kind: 'libvirt', code: ErrorCode.operationInvalid });
    });

    it.runIf(consoles)('on a device that there is not is refused', async () => {
      const error = await rejection(bench.hypervisor.openConsole(await bench.running(), { device: 'none7' }));
      expect(error.message).toContain('none7');
    });

    it.runIf(consoles)('gives what the guest says, to one client at a time unless forced', async () => {
      const { domain, says } = await pausedGuest(bench);
      const [one, other] = [await bench.host.open(), await bench.host.open()];
      try {
        const first = await one.openConsole(domain);
        const heard = textUntil(first, says);
        await bench.hypervisor.resume(domain);
        expect(await heard).toContain(says);

        const error = await rejection(other.openConsole(domain));
        expect(error).toMatchObject({ kind: 'libvirt', code: ErrorCode.operationFailed });
        expect(error.message).toMatch(/active console session/i);

        const second = await other.openConsole(domain, { force: true });
        await ended(first);
        await second.abort();
        // Whoever comes after finds it free.
        await (await other.openConsole(domain, { safe: true })).abort();
      } finally {
        await one.close();
        await other.close();
      }
    });

    it.runIf(consoles)('ends with the domain', async () => {
      const { domain } = await pausedGuest(bench);
      const client = await bench.host.open();
      try {
        const stream = await client.openConsole(domain);
        await bench.hypervisor.destroy(domain);
        await ended(stream);
      } finally {
        await client.close();
      }
    });
  });
}

/** A domain whose guest has not said anything yet. */
async function pausedGuest(bench: Bench): Promise<{ domain: DomainRef; says: string }> {
  const name = bench.newName();
  const guest = await bench.host.talkingGuest?.(name);
  if (guest === undefined) throw new Error('this host has no guest that says something');
  await bench.hypervisor.defineDomain(guest.xml);
  await bench.virsh('start', '--paused', name);
  return { domain: await bench.hypervisor.lookupDomain(name), says: guest.says };
}

/** What arrives, up to the first `mark` in it; all there was when the stream ends before. */
async function textUntil(stream: ByteStream, mark: string): Promise<string> {
  const reader = stream[Symbol.asyncIterator]();
  let text = '';
  // Not a `for await`: leaving it would end the stream.
  while (!text.includes(mark)) {
    const { value, done } = await reader.next();
    if (done) break;
    if ('data' in value) text += Buffer.from(value.data).toString('latin1');
  }
  return text;
}

/** Resolves when the host has ended the stream, in whichever way. */
async function ended(stream: ByteStream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // libvirt tells the end of a console by an end of data or by an error, as it happens.
  }
}
