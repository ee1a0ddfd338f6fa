import { userInfo } from 'node:os';
import { usualNetworkOf } from '../../../provision/choose-network.js';
import type { PublicKey } from '../../../provision/cloud-init/ssh-keys.js';
import { chooseSizes, imageOf } from '../../../provision/guest.js';
import type { CatalogueImage } from '../../../provision/images/catalogue.js';
import { namesFor } from '../../../provision/request/names.js';
import type { Access, NetworkChoice, VmRequest, VmSource } from '../../../provision/request/vm-request.js';
import { parseSize } from '../../../text/size.js';
import type { Values } from '../../kit/form/form.js';
import { exactSize } from '../../kit/form/size-field.js';
import { localPath } from '../../services/local-file.js';
import type { HostReading } from './host-reading.js';
import { freeName, stemOf } from './sources.js';

/** A VM that is about to be made, as entered so far. The password itself is nowhere. */
export interface Draft {
  /** Undefined: the first of the catalogue. */
  readonly source: VmSource | undefined;
  /** What was typed and chosen; what is left out has a default that fits the rest. */
  readonly typed: Values;
  /** SHA-512 crypt. */
  readonly passwordHash: string | undefined;
  /** It was typed twice: nobody sees what they type. */
  readonly passwordRepeated: boolean;
  /** The domain's XML as it was edited, and the request that it was made for. */
  readonly edited: { readonly xml: string; readonly of: string } | undefined;
}

export const firstDraft: Draft = {
  source: undefined,
  typed: {},
  passwordHash: undefined,
  passwordRepeated: false,
  edited: undefined,
};

/** What a draft is completed from. */
export interface Surroundings {
  readonly reading: HostReading | undefined;
  readonly keys: readonly PublicKey[];
  readonly images: readonly CatalogueImage[];
  /** The person's home directory. */
  readonly home: string;
}

export function sourceOf({ source }: Draft, { images }: Surroundings): VmSource {
  if (source !== undefined) return source;
  const [image] = images;
  return image === undefined ? { kind: 'empty' } : { kind: 'image', image: { kind: 'catalogue', image } };
}

/** Prefix of the ids of the switches of SSH keys. */
export const keyField = 'key ';

/** As the fields show it. */
export function valuesOf(draft: Draft, around: Surroundings): Values {
  const source = sourceOf(draft, around);
  const sizes = chooseSizes({ name: '', source, start: true, startInactive: true });
  const defaults: Values = {
    name: freeName(stemOf(source), around.reading),
    count: '1',
    vcpus: String(sizes.vcpus),
    memory: exactSize(sizes.memory),
    disk: exactSize(sizes.disk),
    mode: 'overlay',
    moreSize: 'no',
    start: 'yes',
    virtType: '',
    machine: '',
    cpu: '',
    firmware: '',
    graphics: '',
    osId: '',
    network: defaultNetwork(around.reading, draft.typed),
    bridge: '',
    pool: defaultPool(around.reading),
    startInactive: 'yes',
    cloudInit: 'yes',
    user: imageOf({ source })?.user || ownName(),
    ...Object.fromEntries(around.keys.map(({ text }) => [keyField + text, 'yes'])),
    moreKeys: '',
    sudo: 'yes',
    agent: 'yes',
    moreAccess: 'no',
    hostname: '',
    timezone: '',
    locale: '',
    packages: '',
    commands: '',
    userData: '',
    userDataMode: 'merge',
    address: '',
    gateway: '',
    nameservers: '',
    datasource: 'nocloud',
  };
  const password = draft.passwordHash === undefined ? '' : 'set';
  const passwordAgain = draft.passwordRepeated ? 'set' : '';
  return { ...defaults, ...draft.typed, password, passwordAgain };
}

/** What is typed takes the place of a default; what is emptied is suggested again. */
export function withValue(draft: Draft, id: string, value: string): Draft {
  const { [id]: _, ...rest } = draft.typed;
  return { ...draft, typed: value === '' ? rest : { ...rest, [id]: value } };
}

/** The user of images that nobody knows one of: the person's own name; root is everywhere already. */
function ownName(): string {
  try {
    const { username } = userInfo();
    return username === 'root' ? 'admin' : username;
  } catch {
    return 'admin';
  }
}

function defaultNetwork(reading: HostReading | undefined, { startInactive }: Values): string {
  const mayMake = reading?.mayMakeNetwork === true && startInactive !== 'no';
  const usual = reading && usualNetworkOf(reading.facts, { mayMake });
  return usual?.kind === 'network' ? `network ${usual.name}` : 'user';
}

/** Empty where the host has none: one is made. */
function defaultPool(reading: HostReading | undefined): string {
  const pools = reading?.pools.map(({ listing }) => listing) ?? [];
  const usual =
    pools.find(({ name }) => name === 'default') ?? pools.find(({ active }) => active) ?? pools[0];
  return usual?.name ?? '';
}

/**
 * The requests that the draft comes to, one for each VM.
 *
 * @param moreKeys of the file or URL that was named
 */
export function requestsOf(
  draft: Draft,
  around: Surroundings,
  moreKeys: readonly string[],
): readonly VmRequest[] {
  const source = sourceOf(draft, around);
  const values = valuesOf(draft, around);
  const text = (id: string): string => (values[id] ?? '').trim();
  const size = (id: string): number | undefined => {
    const parsed = parseSize(text(id));
    return typeof parsed === 'number' ? parsed : undefined;
  };
  const chosen = (id: string) => (text(id) === '' ? undefined : text(id));
  const request: VmRequest = {
    name: text('name'),
    source,
    vcpus: Number(text('vcpus')),
    memory: size('memory'),
    ...(source.kind !== 'import' && {
      disk: { size: size('disk'), mode: text('mode') === 'copy' ? 'copy' : 'overlay' },
    }),
    pool: chosen('pool'),
    network: networkOf(values),
    virtType: oneOf(['kvm', 'qemu'], text('virtType')),
    machine: chosen('machine'),
    cpu: oneOf(['host-passthrough', 'host-model', 'maximum', 'default'], text('cpu')),
    firmware: oneOf(['bios', 'uefi'], text('firmware')),
    graphics: oneOf(['vnc', 'spice', 'none'], text('graphics')),
    osId: chosen('osId'),
    access: hasAccess(source, values) ? accessOf(draft, values, around, moreKeys) : undefined,
    start: values.start === 'yes',
    startInactive: values.startInactive === 'yes',
  };
  const names = namesFor(request.name, Number(text('count')));
  const requests = names.map((name) => ({ ...request, name }));
  const { edited } = draft;
  const [first] = requests;
  return edited === undefined || first === undefined || edited.of !== keyOf(requests)
    ? requests
    : [{ ...first, xml: edited.xml }];
}

/** Tells requests apart; edited XML belongs to one of them. */
export function keyOf(requests: readonly VmRequest[]): string {
  return JSON.stringify(requests.map(({ xml: _, ...request }) => request));
}

/** Only cloud images are set up by cloud-init. */
export function hasAccess({ kind }: VmSource, { cloudInit }: Values): boolean {
  return kind === 'image' && cloudInit === 'yes';
}

function accessOf(
  { passwordHash }: Draft,
  values: Values,
  { keys }: Surroundings,
  moreKeys: readonly string[],
): Access {
  const text = (id: string): string => (values[id] ?? '').trim();
  const words = (id: string) =>
    text(id)
      .split(/[\s,]+/)
      .filter((word) => word !== '');
  const own = keys.filter((key) => values[keyField + key.text] === 'yes').map((key) => key.text);
  const userData = text('userData');
  const mode = values.userDataMode === 'alone' ? 'alone' : 'merge';
  const addresses = words('address');
  return {
    datasource: values.datasource === 'configdrive' ? 'configdrive' : 'nocloud',
    ...(text('hostname') !== '' && { hostname: text('hostname') }),
    user: text('user'),
    sudo: values.sudo === 'yes',
    keys: [...own, ...moreKeys],
    ...(passwordHash !== undefined && { passwordHash }),
    ...(text('timezone') !== '' && { timezone: text('timezone') }),
    ...(text('locale') !== '' && { locale: text('locale') }),
    packages: words('packages'),
    commands: text('commands') === '' ? [] : [text('commands')],
    agent: values.agent === 'yes',
    ...(userData !== '' && { userData: { path: localPath(userData), mode } }),
    ...(addresses.length > 0 && {
      network: {
        addresses,
        nameservers: words('nameservers'),
        ...(text('gateway') !== '' && { gateway: text('gateway') }),
      },
    }),
  };
}

function networkOf({ network = '', bridge = '' }: Values): NetworkChoice | undefined {
  if (network === 'bridge') return { kind: 'bridge', name: bridge.trim() };
  if (network === 'user' || network === 'none') return { kind: network };
  return network === '' ? undefined : { kind: 'network', name: network.replace(/^network /, '') };
}

function oneOf<T extends string>(values: readonly T[], value: string): T | undefined {
  return values.find((one) => one === value);
}
