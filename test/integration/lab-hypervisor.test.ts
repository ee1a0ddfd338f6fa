import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import { serveLab } from '../../source/lab/serve.js';
import { bootDiskXml, qemuDomainXml } from '../support/domains.js';
import { runProcess } from '../support/run-process.js';
import { describeHypervisorContract } from './contract.js';

/** The lab in process for the program’s client, on a socket for the real virsh: one world for both. */
async function host() {
  const folder = mkdtempSync('/tmp/vd-contract-');
  const lab = createLab({ domains: 0, speed: 20 });
  const served = await serveLab(lab, join(folder, 'lab.sock'));
  const virsh = (args: readonly string[]) => runProcess('virsh', ['-c', served.uri, ...args]);
  const give = async (command: string, name: string) => {
    const file = join(folder, `${name}.xml`);
    writeFileSync(file, qemuDomainXml(name));
    const { exitCode, stderr } = await virsh([command, file]);
    if (exitCode !== 0) throw new Error(stderr);
  };
  return {
    poolFolder: '/var/lib/libvirt/contract',
    open: () => openLab(lab, { events: true, keepalive: true }, 'qemu:///system'),
    virsh,
    xml: (name: string) => qemuDomainXml(name),
    talkingGuest: async (name: string) => ({
      xml: qemuDomainXml(name, { devices: bootDiskXml('/srv/system.img') }),
      says: 'login: ',
    }),
    define: (name: string) => give('define', name),
    createTransient: (name: string) => give('create', name),
    kill: async () => lab.restart({ down: 3600 }),
    stop: async () => {
      await served.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeHypervisorContract('the lab', {
  uri: 'qemu:///system',
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
    domainCapabilities: true,
    consoles: true,
  },
  start: host,
});
