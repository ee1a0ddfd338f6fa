import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHypervisor } from '../../source/libvirt/open.js';
import { makeBootDisk } from '../support/boot-disk.js';
import { bootDiskXml, defineDomain, qemuDomainXml, testDomainXml } from '../support/domains.js';
import { PrivateLibvirtd } from '../support/private-libvirtd.js';
import type { ContractHost } from './contract/subject.js';
import { describeHypervisorContract } from './contract.js';

/** A private libvirtd, seen through the wire driver. */
async function host(
  uriOf: (daemon: PrivateLibvirtd) => string,
  xml: (name: string) => string,
  talkingGuest?: (
    daemon: PrivateLibvirtd,
    name: string,
  ) => ReturnType<NonNullable<ContractHost['talkingGuest']>>,
): Promise<ContractHost> {
  const daemon = await PrivateLibvirtd.start({ name: 'contract' });
  const uri = uriOf(daemon);
  return {
    poolFolder: daemon.folder,
    open: () => openHypervisor(uri, { events: true, keepalive: true }),
    virsh: (args) => daemon.virsh(args, { uri }),
    define: (name) => defineDomain(daemon, uri, xml(name)),
    xml,
    ...(talkingGuest && { talkingGuest: (name: string) => talkingGuest(daemon, name) }),
    createTransient: async (name) => {
      const file = join(daemon.folder, `${name}.xml`);
      await writeFile(file, xml(name));
      await daemon.virshOk(['create', file], { uri });
    },
    kill: () => daemon.kill(),
    stop: () => daemon.stop(),
  };
}

describeHypervisorContract('libvirt’s own protocol, test driver', {
  uri: 'test:///default',
  can: {
    shutdownAtOnce: true,
    managedSave: true,
    hostMemory: false,
    cpuStats: false,
    networks: true,
    networkUpdate: true,
    pools: true,
    poolRefreshEvent: true,
  },
  start: () =>
    host(
      (daemon) => daemon.testUri,
      (name) => testDomainXml(name),
    ),
});

describeHypervisorContract('libvirt’s own protocol, QEMU session', {
  uri: 'qemu:///session',
  can: {
    shutdownAtOnce: false,
    managedSave: true,
    hostMemory: true,
    cpuStats: true,
    // Only the system's daemon may make bridges.
    networks: false,
    pools: true,
    storageFiles: true,
    volumeResize: true,
    poolRefreshEvent: true,
    domainCapabilities: true,
    consoles: true,
  },
  needs: ['qemu'],
  start: () =>
    host(
      (daemon) => daemon.qemuUri,
      (name) => qemuDomainXml(name),
      async (daemon, name) => {
        const { disk } = await makeBootDisk(daemon.folder, name);
        return { xml: qemuDomainXml(name, { devices: bootDiskXml(disk) }), says: 'ready' };
      },
    ),
});
