import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openHypervisor } from '../../source/libvirt/open.js';
import { qemuDomainXml } from '../support/domains.js';
import { requires } from '../support/requirements.js';
import { systemUri, systemVirsh, testPrefix } from '../support/system-libvirtd.js';
import { describeNetworks } from './contract/networks.js';
import { describeStorage } from './contract/storage.js';
import { Bench, type ContractSubject } from './contract/subject.js';

const folders: string[] = [];

const subject: ContractSubject = {
  uri: systemUri,
  can: {
    shutdownAtOnce: false,
    managedSave: true,
    hostMemory: true,
    cpuStats: true,
    networks: true,
    networkUpdate: true,
    networkDefinitions: true,
    pools: true,
    storageFiles: true,
    volumeResize: true,
    poolRefreshEvent: true,
  },
  async start() {
    const poolFolder = await mkdtemp(join(tmpdir(), 'virtdeck-test-'));
    folders.push(poolFolder);
    const notHere = () => Promise.reject(new Error('the machine’s own libvirt is left as it is'));
    return {
      prefix: testPrefix,
      poolFolder,
      open: () => openHypervisor(systemUri, { events: true, keepalive: true }),
      virsh: (args) => systemVirsh(args),
      define: notHere,
      xml: qemuDomainXml,
      createTransient: notHere,
      kill: notHere,
      stop: async () => {},
    };
  },
};

requires(
  'libvirtd',
  'qemu',
  'root',
)('networks and storage of qemu:///system', () => {
  const bench = Bench.around(subject);
  describeNetworks(subject, bench);
  describeStorage(subject, bench);
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
});
