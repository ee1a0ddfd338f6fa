import { describe, expect, it } from 'vitest';
import { describeCapabilities } from '../../../source/libvirt/xml/capabilities-xml.js';
import { describeDomainCapabilities } from '../../../source/libvirt/xml/domain-capabilities-xml.js';

describe('what a host can run', () => {
  it('as libvirt of QEMU tells it', () => {
    const xml = `<capabilities>
  <host><uuid>x</uuid><cpu><arch>x86_64</arch><model>EPYC</model></cpu></host>
  <guest><os_type>hvm</os_type>
    <arch name='aarch64'><wordsize>64</wordsize><emulator>/usr/bin/qemu-system-aarch64</emulator>
      <machine maxCpus='512'>virt-7.2</machine><machine canonical='virt-7.2' maxCpus='512'>virt</machine>
      <domain type='qemu'/></arch>
    <features><acpi default='on' toggle='yes'/></features></guest>
  <guest><os_type>hvm</os_type>
    <arch name='x86_64'><emulator>/usr/bin/qemu-system-x86_64</emulator>
      <machine>pc</machine><domain type='qemu'/>
      <domain type='kvm'><emulator>/usr/bin/kvm</emulator><machine>pc</machine></domain></arch></guest>
</capabilities>`;
    expect(describeCapabilities(xml)).toEqual({
      hostArch: 'x86_64',
      guests: [
        {
          arch: 'aarch64',
          osType: 'hvm',
          emulator: '/usr/bin/qemu-system-aarch64',
          domains: [{ type: 'qemu', emulator: undefined }],
          machines: [
            { name: 'virt-7.2', canonical: undefined },
            { name: 'virt', canonical: 'virt-7.2' },
          ],
        },
        {
          arch: 'x86_64',
          osType: 'hvm',
          emulator: '/usr/bin/qemu-system-x86_64',
          domains: [
            { type: 'qemu', emulator: undefined },
            { type: 'kvm', emulator: '/usr/bin/kvm' },
          ],
          machines: [{ name: 'pc', canonical: undefined }],
        },
      ],
    });
  });

  it('of containers, and of a host without any guest', () => {
    const lxc = `<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><os_type>exe</os_type>
      <arch name='x86_64'><emulator>/usr/libexec/libvirt_lxc</emulator><domain type='lxc'/></arch></guest></capabilities>`;
    expect(describeCapabilities(lxc).guests).toMatchObject([{ osType: 'exe', domains: [{ type: 'lxc' }] }]);
    expect(describeCapabilities('<capabilities><host/></capabilities>')).toEqual({
      hostArch: '',
      guests: [],
    });
  });

  it('is not read out of something else', () => {
    expect(() => describeCapabilities('<domain/>')).toThrow('<capabilities>');
    expect(() => describeDomainCapabilities('')).toThrow('<domainCapabilities>');
  });
});

describe('what an emulator can do', () => {
  const xml = `<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch>
  <vcpu max='288'/>
  <os supported='yes'><enum name='firmware'><value>efi</value></enum>
    <loader supported='yes'><value>/usr/share/OVMF/OVMF_CODE.fd</value>
      <enum name='type'><value>rom</value></enum>
      <enum name='secure'><value>no</value><value>yes</value></enum></loader></os>
  <cpu><mode name='host-passthrough' supported='yes'/><mode name='maximum' supported='no'/>
    <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model></mode>
    <mode name='custom' supported='yes'><model usable='yes' vendor='AMD'>EPYC</model>
      <model usable='no'>Opteron_G1</model><model>old</model></mode></cpu>
  <devices>
    <disk supported='yes'><enum name='diskDevice'><value>disk</value><value>cdrom</value></enum>
      <enum name='bus'><value>scsi</value><value>virtio</value></enum></disk>
    <graphics supported='no'><enum name='type'><value>vnc</value></enum></graphics>
    <video supported='yes'><enum name='modelType'><value>vga</value></enum></video>
    <rng supported='yes'><enum name='backendModel'><value>random</value></enum></rng>
    <tpm supported='no'/>
  </devices></domainCapabilities>`;

  it('is read from its settings', () => {
    expect(describeDomainCapabilities(xml)).toEqual({
      emulator: '/usr/bin/qemu-system-x86_64',
      virtType: 'kvm',
      machine: 'pc-q35-7.2',
      arch: 'x86_64',
      maxVcpus: 288,
      firmwares: ['efi'],
      loaders: ['/usr/share/OVMF/OVMF_CODE.fd'],
      secureBoot: true,
      cpuModes: { hostPassthrough: true, hostModel: true, maximum: false, custom: ['EPYC', 'old'] },
      diskDevices: ['disk', 'cdrom'],
      diskBuses: ['scsi', 'virtio'],
      graphics: [],
      videoModels: ['vga'],
      rngBackends: ['random'],
      tpm: false,
    });
  });

  it('is nothing where nothing is told', () => {
    expect(describeDomainCapabilities('<domainCapabilities/>')).toEqual({
      emulator: undefined,
      virtType: '',
      machine: '',
      arch: '',
      maxVcpus: undefined,
      firmwares: [],
      loaders: [],
      secureBoot: false,
      cpuModes: { hostPassthrough: false, hostModel: false, maximum: false, custom: [] },
      diskDevices: [],
      diskBuses: [],
      graphics: [],
      videoModels: [],
      rngBackends: [],
      tpm: false,
    });
  });
});
