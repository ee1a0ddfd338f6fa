import { attribute, children, content, type Element, parseRoot, text } from './element.js';

/** What one emulator can do for one kind of domain (virConnectGetDomainCapabilities). Absent parts are empty. */
export interface DomainCapabilities {
  readonly emulator: string | undefined;
  /** "kvm", "qemu" */
  readonly virtType: string;
  /** As it is written into the XML, e.g. "pc-q35-7.2". */
  readonly machine: string;
  readonly arch: string;
  readonly maxVcpus: number | undefined;
  /** Kinds of firmware that libvirt finds by itself: "bios", "efi". */
  readonly firmwares: readonly string[];
  /** Paths of firmware images. */
  readonly loaders: readonly string[];
  readonly secureBoot: boolean;
  readonly cpuModes: {
    readonly hostPassthrough: boolean;
    readonly hostModel: boolean;
    readonly maximum: boolean;
    /** Names of models that the host can give. */
    readonly custom: readonly string[];
  };
  readonly diskDevices: readonly string[];
  readonly diskBuses: readonly string[];
  readonly graphics: readonly string[];
  readonly videoModels: readonly string[];
  readonly rngBackends: readonly string[];
  readonly tpm: boolean;
}

/** Reads domain capabilities. Throws when it is no XML or none. */
export function describeDomainCapabilities(xml: string): DomainCapabilities {
  const root = parseRoot(xml, 'domainCapabilities');
  const os = children(root, 'os')[0];
  const loader = children(os, 'loader')[0];
  const devices = children(root, 'devices')[0];
  const device = (name: string): Element | undefined => supported(children(devices, name)[0]);
  const modes = children(children(root, 'cpu')[0], 'mode');
  const mode = (name: string) => modes.find((one) => attribute(one, 'name') === name && supported(one));
  const vcpus = attribute(children(root, 'vcpu')[0], 'max');
  return {
    emulator: text(root, 'path'),
    virtType: text(root, 'domain') ?? '',
    machine: text(root, 'machine') ?? '',
    arch: text(root, 'arch') ?? '',
    maxVcpus: vcpus === undefined ? undefined : Number(vcpus),
    firmwares: values(os, 'firmware'),
    loaders: children(loader, 'value').flatMap((value) => content(value) ?? []),
    secureBoot: values(loader, 'secure').includes('yes'),
    cpuModes: {
      hostPassthrough: mode('host-passthrough') !== undefined,
      hostModel: mode('host-model') !== undefined,
      maximum: mode('maximum') !== undefined,
      custom: children(mode('custom'), 'model')
        .filter((model) => attribute(model, 'usable') !== 'no')
        .flatMap((model) => content(model) ?? []),
    },
    diskDevices: values(device('disk'), 'diskDevice'),
    diskBuses: values(device('disk'), 'bus'),
    graphics: values(device('graphics'), 'type'),
    videoModels: values(device('video'), 'modelType'),
    rngBackends: values(device('rng'), 'backendModel'),
    tpm: device('tpm') !== undefined,
  };
}

function supported(element: Element | undefined): Element | undefined {
  return attribute(element, 'supported') === 'no' ? undefined : element;
}

/** What an element offers for one of its settings. */
function values(element: Element | undefined, setting: string): readonly string[] {
  const offered = children(element, 'enum').find((one) => attribute(one, 'name') === setting);
  return children(offered, 'value').flatMap((value) => content(value) ?? []);
}
