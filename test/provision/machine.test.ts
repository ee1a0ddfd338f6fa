import { describe, expect, test } from 'vitest';
import { describeCapabilities } from '../../source/libvirt/xml/capabilities-xml.js';
import type { DomainCapabilities } from '../../source/libvirt/xml/domain-capabilities-xml.js';
import { chooseFirmware, chooseGraphics, chooseSizes, sizeFindings } from '../../source/provision/guest.js';
import { catalogueFor, findImage } from '../../source/provision/images/catalogue.js';
import { chooseCpu, chooseMachine } from '../../source/provision/machine.js';
import type { Finding } from '../../source/provision/plan.js';
import type { VmRequest } from '../../source/provision/request/vm-request.js';

const gib = 1024 ** 3;

function capabilities(guests: string) {
  return describeCapabilities(
    `<capabilities><host><cpu><arch>x86_64</arch></cpu></host>${guests}</capabilities>`,
  );
}

const guest = (types: readonly string[], arch = 'x86_64') =>
  `<guest><os_type>hvm</os_type><arch name="${arch}"><emulator>/usr/bin/qemu-system-${arch}</emulator>
  <machine canonical="pc-q35-7.2">q35</machine><machine>pc-i440fx-7.2</machine><machine>virt</machine>
  ${types.map((type) => `<domain type="${type}"/>`).join('')}</arch></guest>`;

const texts = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, message }) => `${level}: ${message}`);

describe('the kind of machine', () => {
  test('KVM and q35 where the host has them', () => {
    const { machine, findings } = chooseMachine({}, capabilities(guest(['qemu', 'kvm'])), 'QEMU');
    expect(machine).toEqual({
      virtType: 'kvm',
      arch: 'x86_64',
      machine: 'q35',
      emulator: '/usr/bin/qemu-system-x86_64',
    });
    expect(findings).toEqual([]);
  });

  test('emulation with a warning where it has not, and none where that was chosen', () => {
    const host = capabilities(guest(['qemu']));
    expect(texts(chooseMachine({}, host, 'QEMU').findings)).toEqual([
      'warning: the host has no KVM for this guest: it is emulated, and ten times as slow',
    ]);
    expect(chooseMachine({ virtType: 'qemu' }, host, 'QEMU').findings).toEqual([]);
    expect(texts(chooseMachine({ virtType: 'kvm' }, host, 'QEMU').findings)).toEqual([
      'error: the host cannot run guests of x86_64 with KVM',
    ]);
  });

  test('another processor is emulated, or is not there', () => {
    const host = capabilities(guest(['qemu', 'kvm']) + guest(['qemu'], 'aarch64'));
    expect(chooseMachine({ arch: 'aarch64' }, host, 'QEMU').machine).toMatchObject({
      virtType: 'qemu',
      machine: 'virt',
    });
    expect(chooseMachine({ arch: 'sparc' }, host, 'QEMU')).toMatchObject({
      machine: undefined,
      findings: [{ message: 'the host runs no guests of sparc', fix: 'It runs: x86_64, aarch64.' }],
    });
  });

  test.each([
    ['lxc', 'LXC', '<guest><os_type>exe</os_type><arch name="x86_64"><domain type="lxc"/></arch></guest>'],
    ['xen', 'Xen', '<guest><os_type>xen</os_type><arch name="x86_64"><domain type="xen"/></arch></guest>'],
    ['test', 'TEST', '<guest><os_type>hvm</os_type><arch name="i686"><domain type="test"/></arch></guest>'],
    ['nothing', 'VMware', ''],
  ])('%s: not offered here, and why', (_, name, guests) => {
    const { machine, findings } = chooseMachine({}, capabilities(guests), name);
    expect(machine).toBeUndefined();
    expect(findings).toMatchObject([
      {
        level: 'error',
        field: 'host',
        message: expect.stringContaining(`is not offered on ${name} connections`),
      },
    ]);
  });
});

const able: DomainCapabilities = {
  emulator: '/usr/bin/qemu-system-x86_64',
  virtType: 'kvm',
  machine: 'pc-q35-7.2',
  arch: 'x86_64',
  maxVcpus: 288,
  firmwares: ['bios', 'efi'],
  loaders: [],
  secureBoot: false,
  cpuModes: { hostPassthrough: true, hostModel: true, maximum: true, custom: [] },
  diskDevices: ['disk', 'cdrom'],
  diskBuses: ['virtio', 'scsi', 'sata'],
  graphics: ['vnc', 'spice'],
  videoModels: [],
  rngBackends: [],
  tpm: false,
};

test('the processor is the host’s own with KVM, the most that can be emulated without', () => {
  const machine = { virtType: 'kvm', arch: 'x86_64', machine: 'q35', emulator: undefined } as const;
  expect(chooseCpu({}, machine, able)).toBe('host-passthrough');
  const modes = { ...able.cpuModes, hostPassthrough: false };
  expect(chooseCpu({}, machine, { ...able, cpuModes: modes })).toBe('host-model');
  expect(chooseCpu({}, { ...machine, virtType: 'qemu' }, able)).toBe('maximum');
  expect(chooseCpu({}, machine, undefined)).toBe('default');
  expect(chooseCpu({ cpu: 'host-model' }, machine, able)).toBe('host-model');
});

function request(id: string | undefined, change: Partial<VmRequest> = {}): VmRequest {
  const image = id === undefined ? undefined : findImage(id, catalogueFor(), 'x86_64');
  if (image !== undefined && 'near' in image) throw new Error(`no image ${id}`);
  const source =
    image === undefined
      ? ({ kind: 'empty' } as const)
      : ({ kind: 'image', image: { kind: 'catalogue', image } } as const);
  return { name: 'a', source, start: true, startInactive: false, ...change };
}

test('sizes that nobody has asked for fit the image', () => {
  expect(chooseSizes(request('debian-12'))).toEqual({ vcpus: 2, memory: 2 * gib, disk: 10 * gib });
  expect(chooseSizes(request(undefined))).toEqual({ vcpus: 2, memory: 2 * gib, disk: 20 * gib });
  expect(chooseSizes(request('rocky-9')).disk).toBe(10 * gib);
});

test('sizes that the host, the machine type or the image cannot do', () => {
  const host = { cpus: 4, memory: 16 * gib, freeMemory: 1 * gib };
  const found = (change: Partial<ReturnType<typeof chooseSizes>>) =>
    texts(
      sizeFindings({ vcpus: 2, memory: gib, disk: 10 * gib, ...change }, request('debian-12'), host, able),
    );
  expect(found({})).toEqual([]);
  expect(found({ vcpus: 8 })).toEqual(['warning: the host has 4 CPUs: 8 vCPUs wait for one another']);
  expect(found({ vcpus: 0.5 })).toEqual(['error: a guest has one vCPU or more']);
  expect(found({ vcpus: 300 })[0]).toBe('error: the machine type takes 288 vCPUs at most');
  expect(found({ memory: 2 * gib })).toEqual(['warning: the host has 1 GiB of memory free, less than 2 GiB']);
  expect(found({ memory: 20 * gib })).toEqual(['error: 20 GiB are more than the host has (16 GiB)']);
  expect(found({ disk: gib })).toEqual(['error: the image debian-12 needs a disk of 3 GiB or more']);
});

test('firmware: BIOS unless somebody needs UEFI, which the host must have', () => {
  expect(chooseFirmware(request('debian-12'), 'x86_64', able).firmware).toBe('bios');
  expect(chooseFirmware(request('debian-12'), 'aarch64', able).firmware).toBe('uefi');
  const without = { ...able, firmwares: [] };
  expect(chooseFirmware(request(undefined, { firmware: 'uefi' }), 'x86_64', without)).toMatchObject({
    firmware: 'uefi',
    findings: [{ level: 'error', fix: expect.stringContaining('ovmf') }],
  });
});

test('a screen for installers, none for cloud images, and never one that the host has not', () => {
  expect(chooseGraphics(request('debian-12'), able).graphics).toBeUndefined();
  expect(chooseGraphics(request(undefined), able).graphics).toBe('vnc');
  expect(chooseGraphics(request(undefined, { graphics: 'none' }), able).graphics).toBeUndefined();
  expect(chooseGraphics(request('debian-12', { graphics: 'spice' }), able).graphics).toBe('spice');
  const vncOnly = { ...able, graphics: ['vnc'] };
  expect(chooseGraphics(request('debian-12', { graphics: 'spice' }), vncOnly).findings).toMatchObject([
    { level: 'error', message: 'the host’s emulator has no SPICE', fix: 'It has: vnc.' },
  ]);
});
