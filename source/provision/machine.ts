import type { Capabilities } from '../libvirt/xml/capabilities-xml.js';
import type { DomainCapabilities } from '../libvirt/xml/domain-capabilities-xml.js';
import type { Finding } from './plan.js';
import type { VmRequest } from './request/vm-request.js';

/** What kind of machine the domain is. */
export interface Machine {
  readonly virtType: 'kvm' | 'qemu';
  readonly arch: string;
  readonly machine: string;
  readonly emulator: string | undefined;
}

/** Where virtdeck makes domains, and why not elsewhere. */
const notOffered: Readonly<Record<string, string>> = {
  lxc: 'a container needs a root file system and no disk image',
  xen: 'disks, firmware and consoles of Xen guests follow rules of their own',
  test: 'its domains exist in the memory of the daemon only',
  bhyve: 'bhyve has neither the virtio-scsi drive for the seed nor the agent’s channel',
};

/** The machine types that are right where nobody has asked for one, the best first. */
const machineTypes: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['q35', 'pc'],
  i686: ['q35', 'pc'],
  aarch64: ['virt'],
  riscv64: ['virt'],
  ppc64le: ['pseries'],
  s390x: ['s390-ccw-virtio'],
};

/** Chooses by the host's capabilities; findings tell what cannot be had. */
export function chooseMachine(
  request: Pick<VmRequest, 'arch' | 'virtType' | 'machine'>,
  capabilities: Capabilities,
  hypervisor: string,
): { readonly machine: Machine | undefined; readonly findings: readonly Finding[] } {
  const arch = request.arch ?? capabilities.hostArch;
  const offered = capabilities.guests.filter(({ domains }) =>
    domains.some(({ type }) => type === 'kvm' || type === 'qemu'),
  );
  if (offered.length === 0)
    return { machine: undefined, findings: [otherHypervisor(capabilities, hypervisor)] };
  const guest = offered.find((one) => one.arch === arch && one.osType === 'hvm');
  if (guest === undefined) {
    const archs = [...new Set(offered.map((one) => one.arch))].join(', ');
    const message = `the host runs no guests of ${arch}`;
    return {
      machine: undefined,
      findings: [{ level: 'error', field: 'machine', part: 'arch', message, fix: `It runs: ${archs}.` }],
    };
  }
  const findings: Finding[] = [];
  const hasKvm = guest.domains.some(({ type }) => type === 'kvm');
  const virtType = request.virtType ?? (hasKvm ? 'kvm' : 'qemu');
  if (virtType === 'kvm' && !hasKvm)
    findings.push({
      level: 'error',
      field: 'virtType',
      message: `the host cannot run guests of ${arch} with KVM`,
      fix: 'Choose the virtualization type qemu (emulation), or make /dev/kvm available on the host.',
    });
  if (virtType === 'qemu' && request.virtType === undefined)
    findings.push({
      level: 'warning',
      field: 'virtType',
      message: 'the host has no KVM for this guest: it is emulated, and ten times as slow',
      fix: 'On the host: is virtualization on in its firmware, and /dev/kvm there (modprobe kvm_intel or kvm_amd)?',
    });
  const known = guest.machines.flatMap(({ name, canonical }) => [name, ...(canonical ? [canonical] : [])]);
  const machine =
    request.machine ??
    (machineTypes[arch] ?? []).find((type) => known.includes(type)) ??
    guest.machines[0]?.name ??
    'pc';
  if (!known.includes(machine))
    findings.push({
      level: 'error',
      field: 'machine',
      message: `the emulator has no machine type ${machine} for ${arch}`,
      fix: `It has, for example: ${known.slice(0, 6).join(', ')}.`,
    });
  const domain = guest.domains.find(({ type }) => type === virtType);
  return { machine: { virtType, arch, machine, emulator: domain?.emulator ?? guest.emulator }, findings };
}

function otherHypervisor({ guests }: Capabilities, hypervisor: string): Finding {
  const type = guests.flatMap(({ domains }) => domains.map((one) => one.type))[0] ?? hypervisor.toLowerCase();
  const why = notOffered[type];
  return {
    level: 'error',
    field: 'host',
    message: `making VMs is not offered on ${hypervisor} connections${why === undefined ? '' : `: ${why}`}`,
    fix: 'Use a QEMU connection such as qemu:///system, or virsh define with XML of your own.',
  };
}

/** The processor as libvirt recommends it: the host's own with KVM, the most that can be emulated without. */
export function chooseCpu(
  request: Pick<VmRequest, 'cpu'>,
  { virtType }: Machine,
  capabilities: DomainCapabilities | undefined,
): NonNullable<VmRequest['cpu']> {
  if (request.cpu !== undefined) return request.cpu;
  const modes = capabilities?.cpuModes;
  if (virtType === 'kvm') {
    if (modes?.hostPassthrough) return 'host-passthrough';
    return modes?.hostModel ? 'host-model' : 'default';
  }
  return modes?.maximum ? 'maximum' : 'default';
}
