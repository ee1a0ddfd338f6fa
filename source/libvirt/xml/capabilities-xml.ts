import { attribute, children, content, type Element, parseRoot, text } from './element.js';

/** What a host can run, by its own account (virConnectGetCapabilities). */
export interface Capabilities {
  /** "x86_64" */
  readonly hostArch: string;
  readonly guests: readonly GuestCapabilities[];
}

/** Guests of one architecture and kind of system. */
export interface GuestCapabilities {
  readonly arch: string;
  /** "hvm": a whole machine; "exe": a container; "xen", "linux": paravirtualized */
  readonly osType: string;
  readonly emulator: string | undefined;
  /** Types of domains: "kvm", "qemu", "lxc", "xen"; with an emulator of their own at times. */
  readonly domains: readonly { readonly type: string; readonly emulator: string | undefined }[];
  /** `canonical` is what an alias such as "q35" stands for. */
  readonly machines: readonly { readonly name: string; readonly canonical: string | undefined }[];
}

/** Reads the capabilities. Throws when it is no XML or none. */
export function describeCapabilities(xml: string): Capabilities {
  const root = parseRoot(xml, 'capabilities');
  const cpu = children(children(root, 'host')[0], 'cpu')[0];
  return {
    hostArch: text(cpu, 'arch') ?? '',
    guests: children(root, 'guest').flatMap((guest) =>
      children(guest, 'arch').map((arch) => readGuest(text(guest, 'os_type') ?? '', arch)),
    ),
  };
}

function readGuest(osType: string, arch: Element): GuestCapabilities {
  return {
    arch: attribute(arch, 'name') ?? '',
    osType,
    emulator: text(arch, 'emulator'),
    domains: children(arch, 'domain').map((domain) => ({
      type: attribute(domain, 'type') ?? '',
      emulator: text(domain, 'emulator'),
    })),
    machines: children(arch, 'machine').map((machine) => ({
      name: content(machine) ?? '',
      canonical: attribute(machine, 'canonical'),
    })),
  };
}
