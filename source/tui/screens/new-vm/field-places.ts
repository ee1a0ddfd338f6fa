import type { Finding } from '../../../provision/plan.js';
import type { PageId } from './pages.js';

/** Where a finding is put right: a page, and its field. Undefined for what no page has. */
export function placeOf({ field, part }: Pick<Finding, 'field' | 'part'>): FieldPlace | undefined {
  const exact = part === undefined ? undefined : accessPlaces.find(([path]) => part.startsWith(path))?.[1];
  return exact ?? places[field];
}

export interface FieldPlace {
  readonly page: PageId;
  readonly field: string;
  /** The switch that shows the field. */
  readonly behind?: string;
}

const places: Readonly<Record<Finding['field'], FieldPlace | undefined>> = {
  name: { page: 'size', field: 'name' },
  source: { page: 'image', field: '' },
  vcpus: { page: 'size', field: 'vcpus' },
  memory: { page: 'size', field: 'memory' },
  disk: { page: 'size', field: 'disk' },
  pool: { page: 'network', field: 'pool' },
  network: { page: 'network', field: 'network' },
  access: { page: 'access', field: 'user' },
  virtType: { page: 'size', field: 'virtType', behind: 'moreSize' },
  machine: { page: 'size', field: 'machine', behind: 'moreSize' },
  firmware: { page: 'size', field: 'firmware', behind: 'moreSize' },
  graphics: { page: 'size', field: 'graphics', behind: 'moreSize' },
  host: undefined,
};

/** Where what cloud-init's rules speak of is typed: the beginning of their path, and the field. */
const accessPlaces: readonly (readonly [string, FieldPlace])[] = [
  ['user.name', { page: 'access', field: 'user' }],
  ['user.keys', { page: 'access', field: 'moreKeys' }],
  ['user.passwordHash', { page: 'access', field: 'password' }],
  ...(
    [
      ['hostname', 'hostname'],
      ['timezone', 'timezone'],
      ['locale', 'locale'],
      ['packages', 'packages'],
      ['commands', 'commands'],
      ['extra', 'userData'],
      ['network.gateway', 'gateway'],
      ['network.nameservers', 'nameservers'],
      ['network', 'address'],
    ] as const
  ).map(([path, field]) => [path, { page: 'access', field, behind: 'moreAccess' }] as const),
];
