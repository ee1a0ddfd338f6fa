import { diskElements } from './domain-disks-xml.js';
import { document, element, type Markup, optional } from './write.js';

/** What goes into a new domain just as it was asked for; left out, it is libvirt's to choose. */
export interface DomainWishes {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** What is decided of a new domain; everything that is typed is escaped. Elements: libvirt's formatdomain. */
export interface DomainSpec {
  readonly name: string;
  readonly uuid?: string;
  readonly wishes?: DomainWishes;
  /** "kvm" or "qemu" */
  readonly virtType: string;
  readonly arch: string;
  readonly machine: string;
  readonly emulator?: string;
  /** libosinfo's URL of the operating system. */
  readonly osId?: string;
  readonly vcpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly cpu: 'host-passthrough' | 'host-model' | 'maximum' | 'default';
  readonly firmware: 'bios' | 'uefi';
  readonly secureBoot?: boolean;
  readonly disks: readonly DiskSpec[];
  readonly interfaces: readonly InterfaceSpec[];
  readonly graphics?: { readonly type: 'vnc' | 'spice' };
  /** What this program wants to know of the domain later. */
  readonly noteMetadata?: Readonly<Record<string, string>>;
}

export interface DiskSpec {
  readonly device: 'disk' | 'cdrom';
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide';
  /** Undefined: an empty drive. */
  readonly source?:
    | { readonly type: 'file' | 'block'; readonly path: string }
    | { readonly type: 'volume'; readonly pool: string; readonly volume: string };
  readonly format: string;
  readonly bootOrder?: number;
  readonly readOnly?: boolean;
  readonly serial?: string;
  /** What the guest frees is given back to the host. */
  readonly discard?: boolean;
}

export interface InterfaceSpec {
  readonly kind: 'network' | 'bridge' | 'user';
  /** Name of the network or bridge. */
  readonly source?: string;
  readonly mac?: string;
  readonly model: string;
  readonly bootOrder?: number;
}

/** The namespace of this program's own element in <metadata>. */
export const noteNamespace = 'https://virtdeck.dev/domain/1.0';
const osinfoNamespace = 'http://libosinfo.org/xmlns/libvirt/domain/1.0';

/** The definition of a new domain. */
export function domainXml(spec: DomainSpec): string {
  const { virtType, name, uuid, wishes, memory, vcpus } = spec;
  return document(
    element('domain', { type: virtType }, [
      optional('name', name),
      optional('uuid', uuid),
      optional('title', wishes?.title),
      optional('description', wishes?.description),
      metadata(spec),
      element('memory', { unit: 'KiB' }, String(Math.ceil(memory / 1024))),
      element('vcpu', {}, String(vcpus)),
      operatingSystem(spec),
      features(spec),
      spec.cpu === 'default' ? undefined : element('cpu', { mode: spec.cpu }),
      clock(spec),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      devices(spec),
    ]),
  );
}

function metadata({ osId, noteMetadata = {} }: DomainSpec): Markup | undefined {
  const notes = Object.keys(noteMetadata).length > 0;
  if (osId === undefined && !notes) return undefined;
  return element('metadata', {}, [
    osId === undefined
      ? undefined
      : element('libosinfo:libosinfo', { 'xmlns:libosinfo': osinfoNamespace }, [
          element('libosinfo:os', { id: osId }),
        ]),
    notes ? element('virtdeck:vm', { 'xmlns:virtdeck': noteNamespace, ...noteMetadata }) : undefined,
  ]);
}

function operatingSystem({ firmware, secureBoot, arch, machine }: DomainSpec): Markup {
  const type = element('type', { arch, machine }, 'hvm');
  if (firmware === 'bios') return element('os', {}, [type]);
  const enabled = secureBoot ? 'yes' : 'no';
  return element('os', { firmware: 'efi' }, [
    type,
    element('firmware', {}, [
      element('feature', { enabled, name: 'enrolled-keys' }),
      element('feature', { enabled, name: 'secure-boot' }),
    ]),
  ]);
}

function isPc({ arch }: DomainSpec): boolean {
  return arch === 'x86_64' || arch === 'i686';
}

function features(spec: DomainSpec): Markup | undefined {
  const smm = spec.secureBoot ? element('smm', { state: 'on' }) : undefined;
  if (isPc(spec)) return element('features', {}, [element('acpi'), element('apic'), smm]);
  return spec.firmware === 'uefi' ? element('features', {}, [element('acpi')]) : undefined;
}

/** The timers that libvirt's own tools set for guests of QEMU on a PC. */
function clock(spec: DomainSpec): Markup {
  const timers = [
    element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    element('timer', { name: 'pit', tickpolicy: 'delay' }),
    element('timer', { name: 'hpet', present: 'no' }),
  ];
  return element('clock', { offset: 'utc' }, isPc(spec) ? timers : []);
}

function devices(spec: DomainSpec): Markup {
  const { emulator, disks, interfaces, graphics } = spec;
  return element('devices', {}, [
    optional('emulator', emulator),
    ...diskElements(disks),
    ...interfaces.map(interfaceElement),
    element('serial', { type: 'pty' }),
    element('console', { type: 'pty' }, [element('target', { type: 'serial' })]),
    // Where the guest's agent listens, and libvirt sees it come and go.
    element('channel', { type: 'unix' }, [
      element('source', { mode: 'bind' }),
      element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
    ]),
    ...(graphics === undefined ? [] : screen(graphics.type, spec)),
    element('rng', { model: 'virtio' }, [element('backend', { model: 'random' }, '/dev/urandom')]),
    // The period lets libvirt tell what the guest uses of its memory.
    element('memballoon', { model: 'virtio' }, [element('stats', { period: 5 })]),
  ]);
}

/** Only the host itself may look: everything else needs a decision of the person. */
function screen(type: 'vnc' | 'spice', spec: DomainSpec): readonly Markup[] {
  const listen = [element('listen', { type: 'address', address: '127.0.0.1' })];
  return [
    ...(isPc(spec) ? [] : [element('controller', { type: 'usb', model: 'qemu-xhci' })]),
    element('graphics', { type, port: -1, autoport: 'yes' }, listen),
    element('video', {}, [element('model', { type: isPc(spec) ? 'vga' : 'virtio' })]),
    element('input', { type: 'tablet', bus: 'usb' }),
  ];
}

function interfaceElement({ kind, source, mac, model, bootOrder }: InterfaceSpec): Markup {
  return element('interface', { type: kind }, [
    mac === undefined ? undefined : element('mac', { address: mac }),
    kind === 'user' ? undefined : element('source', { [kind]: source }),
    element('model', { type: model }),
    bootOrder === undefined ? undefined : element('boot', { order: bootOrder }),
  ]);
}
