import { accessOptions } from './access-options.js';
import { osIdOf } from './os-id.js';
import type { HelpPart, Need, OptionPage, OptionRow, VmOption } from './vm-option.js';

const special = { kind: 'special' } as const;
const bestFit = 'what fits best';

/** What it is made from, one of them; the wizard's first page is a list of all that there is. */
const source: readonly OptionRow[] = [
  {
    id: 'image',
    value: special,
    flag: {
      name: 'image',
      type: 'text',
      value: 'IMAGE',
      help: 'an id (debian-12), POOL/VOLUME, a file, or a URL (with #sha256=… if you know it)',
    },
    findings: ['source'],
    namedOnly: true,
  },
  {
    id: 'iso',
    value: special,
    flag: { name: 'iso', type: 'text', value: 'ISO', help: 'an installer: POOL/VOLUME, a file or a URL' },
    findings: ['source'],
    namedOnly: true,
  },
  { id: 'pxe', value: special, flag: { name: 'pxe', type: 'switch', help: 'the network' } },
  {
    id: 'import',
    value: special,
    flag: { name: 'import', type: 'text', value: 'POOL/VOLUME', help: 'a disk that is there, used as it is' },
    needs: ['one'],
    findings: ['source'],
    namedOnly: true,
  },
  { id: 'empty', value: special, flag: { name: 'empty', type: 'switch', help: 'nothing' } },
];

const size: readonly OptionRow[] = [
  { id: 'name', value: special, field: { label: 'Name' } },
  {
    id: 'count',
    value: { kind: 'special', default: '1' },
    flag: { name: 'count', type: 'number', value: 'N', help: 'web-1 to web-N at once' },
    field: { label: 'How many' },
    part: 'work',
  },
  {
    id: 'vcpus',
    value: { kind: 'count', path: 'vcpus' },
    flag: { name: 'vcpus', value: 'N', help: '(2)' },
    field: { label: 'vCPUs' },
  },
  {
    id: 'memory',
    value: { kind: 'size', path: 'memory', unit: 'M' },
    flag: { name: 'memory', value: 'SIZE', help: '2G, or a number of MiB (2G)' },
    field: { label: 'Memory', hint: 'e.g. 2G' },
  },
  {
    id: 'disk',
    value: { kind: 'size', path: 'disk.size', unit: 'G' },
    flag: { name: 'disk', value: 'SIZE', help: '20G, or a number of GiB (10G; 20G without an image)' },
    field: { label: 'Disk', hint: 'e.g. 10G' },
    needs: ['new-disk'],
  },
  {
    id: 'allocation',
    value: { kind: 'size', path: 'disk.allocation', unit: 'G' },
    flag: { name: 'allocation', value: 'SIZE', help: 'taken from the pool at once' },
    needs: ['new-disk'],
    findings: ['disk.allocation'],
  },
  {
    id: 'mode',
    value: {
      kind: 'choice',
      path: 'disk.mode',
      choices: { overlay: 'overlay: stands on the image', copy: 'full copy of the image' },
      default: 'overlay',
      flagMeans: 'copy',
    },
    flag: { name: 'copy', help: 'a full copy of the image instead of a disk that stands on it' },
    field: { label: 'Made as' },
    needs: ['image'],
  },
  {
    id: 'format',
    value: { kind: 'choice', path: 'disk.format', choices: { qcow2: 'qcow2', raw: 'raw' } },
    flag: { name: 'format', help: 'of the disk' },
    needs: ['new-disk'],
    findings: ['disk.format'],
  },
  {
    id: 'start',
    value: { kind: 'toggle', path: 'start', default: true },
    flag: { name: 'start', help: 'defined only' },
    field: { label: 'Start it', hint: 'once it is made', more: true },
    part: 'work',
  },
  {
    id: 'virtType',
    value: {
      kind: 'choice',
      path: 'virtType',
      choices: { kvm: 'KVM', qemu: 'QEMU, emulated' },
      unset: 'KVM where it works',
    },
    flag: { name: 'virt-type' },
    field: { label: 'Virtualization', more: true },
  },
  {
    id: 'arch',
    value: { kind: 'text', path: 'arch' },
    flag: { name: 'arch', value: 'ARCH' },
    namedOnly: true,
  },
  {
    id: 'machine',
    value: { kind: 'text', path: 'machine' },
    flag: { name: 'machine', value: 'TYPE' },
    field: { label: 'Machine', hint: 'e.g. q35; left out: what fits best', more: true },
    namedOnly: true,
  },
  {
    id: 'cpu',
    value: {
      kind: 'choice',
      path: 'cpu',
      choices: {
        'host-passthrough': 'host-passthrough',
        'host-model': 'host-model',
        maximum: 'maximum',
        default: 'default',
      },
      unset: bestFit,
    },
    flag: { name: 'cpu' },
    field: { label: 'CPU', more: true },
  },
  {
    id: 'firmware',
    value: {
      kind: 'choice',
      path: 'firmware',
      choices: { bios: 'BIOS', uefi: 'UEFI' },
      unset: 'BIOS where it can',
    },
    flag: { name: 'firmware' },
    field: { label: 'Firmware', more: true },
  },
  {
    id: 'graphics',
    value: {
      kind: 'choice',
      path: 'graphics',
      choices: { vnc: 'vnc', spice: 'spice', none: 'none' },
      unset: bestFit,
    },
    flag: { name: 'graphics' },
    field: { label: 'Graphics', more: true },
  },
  {
    id: 'osId',
    value: { kind: 'text', path: 'osId', read: osIdOf },
    flag: { name: 'os', value: 'ID', help: "libosinfo's id, where the image does not tell it" },
    field: { label: 'OS id', hint: 'of libosinfo, e.g. http://debian.org/debian/12', more: true },
  },
];

/** Where the card is plugged in is one choice of the wizard, and one of four flags. */
const network: readonly OptionRow[] = [
  {
    id: 'network',
    value: special,
    flag: { name: 'network', type: 'text', value: 'NAME' },
    field: { label: 'Network', kind: 'choice' },
    findings: ['card'],
    namedOnly: true,
  },
  {
    id: 'bridge',
    value: special,
    flag: { name: 'bridge', type: 'text', value: 'NAME' },
    field: { label: 'Bridge', hint: 'e.g. br0' },
    findings: ['card'],
    namedOnly: true,
  },
  { id: 'userNetwork', value: special, flag: { name: 'user-network', type: 'switch' } },
  { id: 'noNetwork', value: special, flag: { name: 'no-network', type: 'switch' } },
  {
    id: 'mac',
    value: { kind: 'text', path: 'mac', read: macOf },
    flag: { name: 'mac', value: 'ADDRESS' },
    needs: ['one', 'card'],
    findings: ['card.mac', 'network.mac'],
    namedOnly: true,
  },
  {
    id: 'pool',
    value: { kind: 'text', path: 'pool' },
    flag: { name: 'pool', value: 'NAME', help: 'where the disks go (default)' },
    field: { label: 'Storage pool', kind: 'choice' },
    namedOnly: true,
  },
  {
    id: 'startInactive',
    value: { kind: 'toggle', path: 'startInactive', default: false },
    flag: {
      name: 'yes',
      short: 'y',
      help: 'starts the network and the pool where they are inactive, makes the network\ndefault where there is none',
    },
    field: { label: 'Start inactive ones', hint: 'network and pool' },
    part: 'work',
  },
];

/** A card's own address: a group's has the lowest bit of its first byte set. */
function macOf(typed: string) {
  const mac = typed.toLowerCase();
  if (/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac)) return mac;
  return { problem: `"${mac}" is no address of a card: write e.g. 52:54:00:12:34:56` };
}

function placed(
  page: OptionPage,
  part: HelpPart,
  rows: readonly OptionRow[],
  needs: readonly Need[] = [],
): readonly VmOption[] {
  return rows.map((row) => ({ part, needs, ...row, page }));
}

/**
 * Everything that can be said of a new VM, in the order of the wizard's pages and of `virtdeck create --help`. The
 * command's flags and messages, the wizard's fields, and the way from a finding to its field are made of it.
 */
export const vmOptions: readonly VmOption[] = [
  ...placed('image', 'source', source),
  ...placed('size', 'hardware', size),
  ...placed('network', 'hardware', network),
  ...placed('access', 'guest', accessOptions, ['cloud-init']),
];
