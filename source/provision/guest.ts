import type { DomainCapabilities } from '../libvirt/xml/domain-capabilities-xml.js';
import type { CatalogueImage } from './images/catalogue.js';
import type { Finding } from './plan.js';
import type { SourceKind, VmRequest } from './request/vm-request.js';

const mib = 1024 ** 2;
const gib = 1024 ** 3;

/** Sizes where nobody has asked for others. Bytes. */
export const defaults = { vcpus: 2, memory: 2 * gib, disk: 10 * gib } as const;
/** What an installer or an unknown system gets. Bytes. */
const installerDisk = 20 * gib;
const leastMemory = 64 * mib;

/** How much of everything the guest has. Bytes. */
export interface Sizes {
  readonly vcpus: number;
  readonly memory: number;
  readonly disk: number;
}

/** What the image's own facts ask for, as far as it is in the catalogue. */
export function imageOf({ source }: Pick<VmRequest, 'source'>): CatalogueImage | undefined {
  return 'image' in source && source.image.kind === 'catalogue' ? source.image.image : undefined;
}

export function chooseSizes(request: VmRequest): Sizes {
  const image = imageOf(request);
  const usual = request.source.kind === 'image' ? defaults.disk : installerDisk;
  return {
    vcpus: request.vcpus ?? defaults.vcpus,
    memory: request.memory ?? Math.max(defaults.memory, image?.minimumMemory ?? 0),
    disk: request.disk?.size ?? Math.max(usual, image?.minimumDisk ?? 0),
  };
}

/** What is wrong with the sizes, by the host and the image. */
export function sizeFindings(
  { vcpus, memory, disk }: Sizes,
  request: VmRequest,
  host: {
    readonly cpus: number;
    /** Bytes. */
    readonly memory: number;
    readonly freeMemory: number | undefined;
  },
  capabilities: DomainCapabilities | undefined,
): readonly Finding[] {
  const image = imageOf(request);
  const text = (bytes: number): string => `${Math.round((bytes / gib) * 10) / 10} GiB`;
  const most = capabilities?.maxVcpus;
  const findings: (Finding | false)[] = [
    (!Number.isInteger(vcpus) || vcpus < 1) && {
      level: 'error',
      field: 'vcpus',
      message: 'a guest has one vCPU or more',
    },
    most !== undefined &&
      vcpus > most && {
        level: 'error',
        field: 'vcpus',
        message: `the machine type takes ${most} vCPUs at most`,
      },
    vcpus > host.cpus && {
      level: 'warning',
      field: 'vcpus',
      message: `the host has ${host.cpus} CPUs: ${vcpus} vCPUs wait for one another`,
    },
    memory < leastMemory && { level: 'error', field: 'memory', message: 'a guest needs 64 MiB or more' },
    memory > host.memory && {
      level: 'error',
      field: 'memory',
      message: `${text(memory)} are more than the host has (${text(host.memory)})`,
    },
    host.freeMemory !== undefined &&
      memory > host.freeMemory &&
      memory <= host.memory && {
        level: 'warning',
        field: 'memory',
        message: `the host has ${text(host.freeMemory)} of memory free, less than ${text(memory)}`,
        fix: 'It may swap, or end guests. Shut down others, or give this one less.',
      },
    image !== undefined &&
      memory < image.minimumMemory && {
        level: 'warning',
        field: 'memory',
        message: `${image.name} asks for ${text(image.minimumMemory)}`,
      },
    disk < mib && { level: 'error', field: 'disk', message: 'a disk has 1 MiB or more' },
    image !== undefined &&
      disk < image.minimumDisk && {
        level: 'error',
        field: 'disk',
        message: `the image ${image.id} needs a disk of ${text(image.minimumDisk)} or more`,
      },
  ];
  return findings.filter((finding) => finding !== false);
}

/** BIOS unless the image or the person wants UEFI; what the emulator lacks is an error. */
export function chooseFirmware(
  request: VmRequest,
  arch: string,
  capabilities: DomainCapabilities | undefined,
): { readonly firmware: 'bios' | 'uefi'; readonly findings: readonly Finding[] } {
  const image = imageOf(request);
  const onlyUefi = arch === 'aarch64' || arch === 'riscv64';
  const firmware = request.firmware ?? (image?.firmware === 'uefi' || onlyUefi ? 'uefi' : 'bios');
  const findings: Finding[] = [];
  if (firmware === 'uefi' && capabilities !== undefined && !capabilities.firmwares.includes('efi'))
    findings.push({
      level: 'error',
      field: 'firmware',
      message: 'the host has no UEFI firmware for this machine type',
      fix: 'On a Debian or Ubuntu host: apt install ovmf (Fedora: dnf install edk2-ovmf).',
    });
  if (firmware === 'bios' && image?.firmware === 'uefi')
    findings.push({ level: 'warning', field: 'firmware', message: `${image.name} boots by UEFI only` });
  return { firmware, findings };
}

/** Nobody looks at a cloud image's screen; an installer has nothing else. */
export function chooseGraphics(
  request: VmRequest,
  capabilities: DomainCapabilities | undefined,
): { readonly graphics: 'vnc' | 'spice' | undefined; readonly findings: readonly Finding[] } {
  const offered = capabilities?.graphics ?? ['vnc'];
  if (request.graphics === 'none') return { graphics: undefined, findings: [] };
  if (request.graphics !== undefined) {
    if (offered.includes(request.graphics)) return { graphics: request.graphics, findings: [] };
    const message = `the host’s emulator has no ${request.graphics.toUpperCase()}`;
    const fix = `It has: ${offered.filter((one) => one === 'vnc' || one === 'spice').join(', ') || 'none'}.`;
    return { graphics: undefined, findings: [{ level: 'error', field: 'graphics', message, fix }] };
  }
  const needed: Readonly<Record<SourceKind, boolean>> = {
    image: false,
    iso: true,
    pxe: true,
    import: true,
    empty: true,
  };
  return {
    graphics: needed[request.source.kind] && offered.includes('vnc') ? 'vnc' : undefined,
    findings: [],
  };
}
