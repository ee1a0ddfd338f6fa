interface Wanted {
  readonly arch: string | undefined;
  readonly machine: string | undefined;
  readonly virttype: string | undefined;
}

const enums = (name: string, values: readonly string[]) =>
  `      <enum name='${name}'>\n${values.map((value) => `        <value>${value}</value>`).join('\n')}\n      </enum>`;

const device = (tag: string, parts: readonly string[]) =>
  `    <${tag} supported='yes'>\n${parts.join('\n')}\n    </${tag}>`;

/** What virConnectGetDomainCapabilities says: what a new domain may have. */
export function domainCapabilitiesXml({ arch = 'x86_64', machine, virttype = 'kvm' }: Wanted): string {
  return `<domainCapabilities>
  <path>/usr/bin/qemu-system-${arch}</path>
  <domain>${virttype}</domain>
  <machine>${machine === undefined || machine === 'q35' ? 'pc-q35-7.2' : machine === 'pc' ? 'pc-i440fx-7.2' : machine}</machine>
  <arch>${arch}</arch>
  <vcpu max='288'/>
  <iothreads supported='yes'/>
  <os supported='yes'>
    <enum name='firmware'>
      <value>bios</value>
      <value>efi</value>
    </enum>
    <loader supported='yes'>
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
        <value>no</value>
      </enum>
    </loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='yes'>
      <enum name='hostPassthroughMigratable'>
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
