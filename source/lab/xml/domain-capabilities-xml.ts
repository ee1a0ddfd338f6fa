import { LabError, refuse } from '../errors.js';
import { canonicalMachine, emulators } from './capabilities-xml.js';

interface Wanted {
  readonly emulator: string | undefined;
  readonly arch: string | undefined;
  readonly machine: string | undefined;
  readonly virttype: string | undefined;
}

const enums = (name: string, values: readonly string[]) =>
  `      <enum name='${name}'>\n${values.map((value) => `        <value>${value}</value>`).join('\n')}\n      </enum>`;

const device = (tag: string, parts: readonly string[]) =>
  `    <${tag} supported='yes'>\n${parts.join('\n')}\n    </${tag}>`;

/** The host's own CPU can be given to a guest only where it runs it. */
const passthrough = `    <mode name='host-passthrough' supported='yes'>
      <enum name='hostPassthroughMigratable'>
        <value>on</value>
        <value>off</value>
      </enum>
    </mode>`;

/** virDomainVirtType, of those that a host of QEMU might be asked for. */
const virtTypes = ['kvm', 'qemu', 'lxc', 'xen', 'test', 'vz', 'bhyve', 'hvf'];

/** What virConnectGetDomainCapabilities says: what a new domain may have. Throws as QEMU's driver does. */
export function domainCapabilitiesXml(wanted: Wanted): string {
  const { virttype = 'kvm', machine: asked = 'pc' } = wanted;
  const [given] = Object.entries(emulators).find(([, path]) => path === wanted.emulator) ?? [];
  const arch = wanted.arch ?? given ?? 'x86_64';
  const path = wanted.emulator ?? emulators[arch];
  if (path === undefined) {
    throw refuse.config(`unable to find any emulator to serve '${arch}' architecture`);
  }
  if (!Object.values(emulators).includes(path)) {
    throw new LabError(38, 0, `Cannot check QEMU binary ${path}: No such file or directory`);
  }
  if (emulators[arch] !== path) {
    throw refuse.invalidArg(
      `architecture from emulator '${given}' doesn't match given architecture '${arch}'`,
    );
  }
  if (!virtTypes.includes(virttype)) throw refuse.invalidArg(`unknown virttype: ${virttype}`);
  if (virttype !== 'kvm' && virttype !== 'qemu') {
    throw refuse.invalidArg(`Emulator '${path}' does not support virt type '${virttype}'`);
  }
  const machine = canonicalMachine(asked);
  if (machine === undefined) {
    throw refuse.invalidArg(`the machine '${asked}' is not supported by emulator '${path}'`);
  }
  return `<domainCapabilities>
  <path>${path}</path>
  <domain>${virttype}</domain>
  <machine>${machine}</machine>
  <arch>${arch}</arch>
  <vcpu max='288'/>
  <iothreads supported='yes'/>
  <os supported='yes'>
    <enum name='firmware'>
      <value>bios</value>
      <value>efi</value>
    </enum>
    <loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE_4M.ms.fd</value>
      <value>/usr/share/OVMF/OVMF_CODE_4M.fd</value>
      <enum name='type'>
        <value>rom</value>
        <value>pflash</value>
      </enum>
      <enum name='readonly'>
        <value>yes</value>
        <value>no</value>
      </enum>
      <enum name='secure'>
        <value>yes</value>
        <value>no</value>
      </enum>
    </loader>
  </os>
  <cpu>
${virttype === 'kvm' ? passthrough : "    <mode name='host-passthrough' supported='no'/>"}
    <mode name='maximum' supported='yes'>
      <enum name='maximumMigratable'>
        <value>on</value>
        <value>off</value>
      </enum>
    </mode>
    <mode name='host-model' supported='yes'>
      <model fallback='forbid'>EPYC-Milan</model>
      <vendor>AMD</vendor>
    </mode>
    <mode name='custom' supported='yes'>
      <model usable='yes'>qemu64</model>
      <model usable='yes'>kvm64</model>
      <model usable='yes'>EPYC</model>
      <model usable='yes'>EPYC-Milan</model>
    </mode>
  </cpu>
  <memoryBacking supported='yes'>
    <enum name='sourceType'>
      <value>file</value>
      <value>anonymous</value>
      <value>memfd</value>
    </enum>
  </memoryBacking>
  <devices>
${[
  device('disk', [
    enums('diskDevice', ['disk', 'cdrom', 'floppy', 'lun']),
    enums('bus', ['fdc', 'scsi', 'virtio', 'usb', 'sata']),
    enums('model', ['virtio', 'virtio-transitional', 'virtio-non-transitional']),
  ]),
  device('graphics', [enums('type', ['sdl', 'vnc', 'spice', 'egl-headless'])]),
  device('video', [enums('modelType', ['vga', 'cirrus', 'qxl', 'virtio', 'none', 'bochs', 'ramfb'])]),
  device('hostdev', [
    enums('mode', ['subsystem']),
    enums('startupPolicy', ['default', 'mandatory', 'requisite', 'optional']),
    enums('subsysType', ['usb', 'pci', 'scsi']),
    enums('capsType', []),
    enums('pciBackend', ['default', 'vfio']),
  ]),
  device('rng', [
    enums('model', ['virtio', 'virtio-transitional', 'virtio-non-transitional']),
    enums('backendModel', ['random', 'egd', 'builtin']),
  ]),
  device('tpm', [enums('model', ['tpm-tis', 'tpm-crb']), enums('backendModel', ['passthrough', 'emulator'])]),
].join('\n')}
  </devices>
  <features>
    <gic supported='no'/>
    <vmcoreinfo supported='yes'/>
    <genid supported='yes'/>
    <backingStoreInput supported='yes'/>
    <backup supported='yes'/>
  </features>
</domainCapabilities>
`;
}
