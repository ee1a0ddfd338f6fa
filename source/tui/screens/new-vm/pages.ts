import { imageOf } from '../../../provision/guest.js';
import type { VmSource } from '../../../provision/request/vm-request.js';
import { count } from '../../../text/units.js';
import type { Field, Values } from '../../kit/form/form.js';
import { hasAccess, keyField, type Surroundings } from './draft.js';
import { lacksNetwork, networksOf, poolNote, poolText } from './sources.js';

export const pageIds = ['image', 'size', 'network', 'access', 'review'] as const;
export type PageId = (typeof pageIds)[number];

export const pageTitles: Readonly<Record<PageId, string>> = {
  image: 'Image',
  size: 'Name and size',
  network: 'Network and storage',
  access: 'Access',
  review: 'Review',
};

const asChoices = (first: string, values: readonly string[]): NonNullable<Field['choices']> => [
  { value: '', text: first },
  ...values.map((value) => ({ value, text: value })),
];

const bestFit = 'what fits best';

/** The fields of a page, as far as what is entered calls for them. */
export function fieldsOf(
  page: PageId,
  source: VmSource,
  values: Values,
  around: Surroundings,
): readonly Field[] {
  if (page === 'size') return sizeFields(source, values, around);
  if (page === 'network') return networkFields(values, around);
  return page === 'access' ? accessFields(source, values, around) : [];
}

function sizeFields(source: VmSource, values: Values, { reading }: Surroundings): readonly Field[] {
  const info = reading?.facts.info;
  const free = reading?.facts.freeMemory;
  const image = imageOf({ source });
  const several = Number(values.count) > 1 ? 'their number is added' : undefined;
  return [
    { id: 'name', label: 'Name', kind: 'text', ...(several && { hint: several }) },
    { id: 'count', label: 'How many', kind: 'text' },
    {
      id: 'vcpus',
      label: 'vCPUs',
      kind: 'text',
      ...(info && { hint: `the host has ${count(info.cpus, 'CPU')}` }),
    },
    {
      id: 'memory',
      label: 'Memory',
      kind: 'text',
      hint: free === undefined ? 'e.g. 2G' : memoryHint(free, reading?.facts.memory),
    },
    ...(source.kind === 'import'
      ? []
      : [{ id: 'disk', label: 'Disk', kind: 'text', hint: 'e.g. 10G' } as const]),
    ...(source.kind === 'image'
      ? [
          {
            id: 'mode',
            label: 'Made as',
            kind: 'choice',
            choices: [
              { value: 'overlay', text: 'overlay: stands on the image' },
              { value: 'copy', text: 'full copy of the image' },
            ],
          } as const,
        ]
      : []),
    { id: 'moreSize', label: 'More', kind: 'toggle', hint: 'machine, CPU, firmware, graphics' },
    ...(values.moreSize === 'yes' ? machineFields(image?.firmware) : []),
  ];
}

function memoryHint(free: number, total: number | undefined): string {
  const gib = (amount: number): number => Math.floor(amount / 1024 ** 3);
  return `the host has ${gib(free)} ${total === undefined ? '' : `of ${gib(total)} `}GiB free`;
}

function machineFields(firmware: string | undefined): readonly Field[] {
  return [
    { id: 'start', label: 'Start it', kind: 'toggle', hint: 'once it is made' },
    {
      id: 'virtType',
      label: 'Virtualization',
      kind: 'choice',
      choices: [
        { value: '', text: 'KVM where it works' },
        { value: 'kvm', text: 'KVM' },
        { value: 'qemu', text: 'QEMU, emulated' },
      ],
    },
    { id: 'machine', label: 'Machine', kind: 'text', hint: 'e.g. q35; left out: what fits best' },
    {
      id: 'cpu',
      label: 'CPU',
      kind: 'choice',
      choices: asChoices(bestFit, ['host-passthrough', 'host-model', 'maximum', 'default']),
    },
    {
      id: 'firmware',
      label: 'Firmware',
      kind: 'choice',
      choices: [
        { value: '', text: firmware === 'uefi' ? 'UEFI, as the image needs it' : 'BIOS where it can' },
        { value: 'bios', text: 'BIOS' },
        { value: 'uefi', text: 'UEFI' },
      ],
    },
    {
      id: 'graphics',
      label: 'Graphics',
      kind: 'choice',
      choices: asChoices(bestFit, ['vnc', 'spice', 'none']),
    },
    { id: 'osId', label: 'OS id', kind: 'text', hint: 'of libosinfo, e.g. http://debian.org/debian/12' },
  ];
}

function networkFields(values: Values, { reading }: Surroundings): readonly Field[] {
  const networks = networksOf(reading).map(({ name, active }) => ({
    value: `network ${name}`,
    text: active ? name : `${name} (inactive)`,
  }));
  const pools = reading?.pools ?? [];
  const note = poolNote(reading);
  return [
    {
      id: 'network',
      label: 'Network',
      kind: 'choice',
      choices: [
        ...networks,
        ...(lacksNetwork(reading)
          ? [{ value: 'network default', text: 'default: is made and started' }]
          : []),
        { value: 'bridge', text: 'a bridge of the host' },
        { value: 'user', text: 'user-mode: out only, nobody reaches it' },
        { value: 'none', text: 'none' },
      ],
    },
    ...(values.network === 'bridge'
      ? [{ id: 'bridge', label: 'Bridge', kind: 'text', hint: 'e.g. br0' } as const]
      : []),
    {
      id: 'pool',
      label: 'Storage pool',
      kind: 'choice',
      choices:
        pools.length === 0
          ? [{ value: '', text: 'there is none: one is made' }]
          : pools.map((pool) => ({ value: pool.listing.name, text: poolText(pool) })),
      ...(note !== undefined && { hint: note }),
    },
    { id: 'startInactive', label: 'Start inactive ones', kind: 'toggle', hint: 'network and pool' },
  ];
}

function accessFields(source: VmSource, values: Values, { keys, home }: Surroundings): readonly Field[] {
  if (source.kind !== 'image') return [];
  const cloudInit: Field = {
    id: 'cloudInit',
    label: 'cloud-init',
    kind: 'toggle',
    hint: 'sets the guest up',
  };
  if (!hasAccess(source, values)) return [cloudInit];
  return [
    { id: 'user', label: 'User', kind: 'text' },
    ...keys.map(
      (key, at): Field => ({
        id: keyField + key.text,
        label: at === 0 ? 'SSH keys' : '',
        kind: 'toggle',
        hint: `${key.comment || key.type} (${underHome(key.source, home)})`,
      }),
    ),
    {
      id: 'moreKeys',
      label: keys.length === 0 ? 'SSH keys' : 'Another key',
      kind: 'text',
      hint: 'a file, a URL, or the key itself',
    },
    {
      id: 'password',
      label: 'Password',
      kind: 'secret',
      hint: values.password === '' ? 'may be left out' : 'Ctrl-U takes it away',
    },
    ...(values.password === '' || values.passwordAgain !== ''
      ? []
      : [{ id: 'passwordAgain', label: 'Once more', kind: 'secret', hint: 'the same' } as const]),
    { id: 'sudo', label: 'sudo', kind: 'toggle', hint: 'without a password' },
    { id: 'agent', label: 'Guest agent', kind: 'toggle', hint: 'is installed; tells the address' },
    { id: 'moreAccess', label: 'More', kind: 'toggle', hint: 'packages, user-data, static address' },
    ...(values.moreAccess === 'yes' ? [...guestFields(values), cloudInit] : []),
  ];
}

/** A path as a person writes it. */
function underHome(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function guestFields(values: Values): readonly Field[] {
  const text = (id: string, label: string, hint: string): Field => ({ id, label, kind: 'text', hint });
  return [
    text('hostname', 'Host name', 'left out: the name'),
    text('timezone', 'Time zone', 'e.g. Europe/Berlin'),
    text('locale', 'Locale', 'e.g. en_GB.UTF-8'),
    text('packages', 'Packages', 'with spaces between them'),
    text('commands', 'Run at the end', 'a line for the shell, as root'),
    text('userData', 'Own user-data', 'a file of this machine'),
    ...(values.userData === ''
      ? []
      : [
          {
            id: 'userDataMode',
            label: 'It is',
            kind: 'choice',
            choices: [
              { value: 'merge', text: 'merged with the rest' },
              { value: 'alone', text: 'used alone' },
            ],
          } as const,
        ]),
    text('address', 'Static address', 'e.g. 192.168.122.7/24; left out: DHCP'),
    ...(values.address === ''
      ? []
      : [text('gateway', 'Gateway', ''), text('nameservers', 'Name servers', 'with spaces between them')]),
    {
      id: 'datasource',
      label: 'Datasource',
      kind: 'choice',
      choices: [
        { value: 'nocloud', text: 'NoCloud' },
        { value: 'configdrive', text: 'ConfigDrive' },
      ],
    },
  ];
}
