import { words } from '../../text/words.js';
import type { HostFacts } from '../world/host.js';

const features = words(`
  aes avx avx2 bmi1 bmi2 erms f16c fma invtsc movbe pclmuldq pcid pdpe1gb popcnt rdrand rdseed rdtscp smap
  smep ssse3 sse4.1 sse4.2 svm topoext x2apic xsave xsaveopt`);

const machines = ['pc-i440fx-7.2', 'pc-q35-7.2', 'pc-q35-6.2', 'pc-q35-5.2', 'microvm'];
/** Names that stand for the newest of their kind. */
const aliases: Readonly<Record<string, string>> = { pc: 'pc-i440fx-7.2', q35: 'pc-q35-7.2' };
/** QEMU's binary for each architecture that this host's guests may have. */
export const emulators: Readonly<Record<string, string>> = {
  i686: '/usr/bin/qemu-system-i386',
  x86_64: '/usr/bin/qemu-system-x86_64',
};

/** What a machine's name stands for; undefined when there is none of that name. */
export function canonicalMachine(name: string): string | undefined {
  const canonical = Object.hasOwn(aliases, name) ? aliases[name] : name;
  return machines.find((machine) => machine === canonical);
}

/** CPUs are listed one by one up to here: the largest simulated host has thousands. */
const cpusListed = 512;

/** What virConnectGetCapabilities says of the host. */
export function capabilitiesXml(host: HostFacts): string {
  const { sockets, cores, threads, memory, uuid } = host;
  return `<capabilities>

  <host>
    <uuid>${uuid}</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>EPYC-Milan</model>
      <vendor>AMD</vendor>
      <microcode version='167776681'/>
      <signature family='25' model='1' stepping='1'/>
      <topology sockets='${sockets}' dies='1' cores='${cores}' threads='${threads}'/>
      <maxphysaddr mode='emulate' bits='48'/>
${features.map((name) => `      <feature name='${name}'/>`).join('\n')}
      <pages unit='KiB' size='4'/>
      <pages unit='KiB' size='2048'/>
    </cpu>
    <power_management>
      <suspend_mem/>
    </power_management>
    <iommu support='yes'/>
    <migration_features>
      <live/>
      <uri_transports>
        <uri_transport>tcp</uri_transport>
        <uri_transport>rdma</uri_transport>
      </uri_transports>
    </migration_features>
    <topology>
      <cells num='1'>
        <cell id='0'>
          <memory unit='KiB'>${memory}</memory>
          <pages unit='KiB' size='4'>${memory / 4}</pages>
          <distances>
            <sibling id='0' value='10'/>
          </distances>
${cpusXml(host)}
        </cell>
      </cells>
    </topology>
    <secmodel>
      <model>apparmor</model>
      <doi>0</doi>
    </secmodel>
    <secmodel>
      <model>dac</model>
      <doi>0</doi>
      <baselabel type='kvm'>+64055:+109</baselabel>
      <baselabel type='qemu'>+64055:+109</baselabel>
    </secmodel>
  </host>

${guestXml('i686', 32)}

${guestXml('x86_64', 64)}

</capabilities>
`;
}

function cpusXml({ sockets, cores, threads }: HostFacts): string {
  const total = sockets * cores * threads;
  const cpus = Array.from({ length: Math.min(total, cpusListed) }, (_, id) => {
    const core = Math.floor(id / threads);
    const first = core * threads;
    const siblings = threads === 1 ? `${id}` : `${first}-${first + threads - 1}`;
    return `            <cpu id='${id}' socket_id='${Math.floor(core / cores)}' die_id='0' core_id='${core % cores}' siblings='${siblings}'/>`;
  });
  return `          <cpus num='${cpus.length}'>\n${cpus.join('\n')}\n          </cpus>`;
}

function guestXml(arch: string, bits: number): string {
  return `  <guest>
    <os_type>hvm</os_type>
    <arch name='${arch}'>
      <wordsize>${bits}</wordsize>
      <emulator>${emulators[arch]}</emulator>
${machines.map((machine) => `      <machine maxCpus='288'>${machine}</machine>`).join('\n')}
${Object.entries(aliases)
  .map(([name, canonical]) => `      <machine canonical='${canonical}' maxCpus='288'>${name}</machine>`)
  .join('\n')}
      <domain type='qemu'/>
      <domain type='kvm'/>
    </arch>
    <features>
      <acpi default='on' toggle='yes'/>
      <apic default='on' toggle='no'/>
      <cpuselection/>
      <deviceboot/>
      <disksnapshot default='on' toggle='no'/>
    </features>
  </guest>`;
}
