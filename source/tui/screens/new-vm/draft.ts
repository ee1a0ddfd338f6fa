import { usualNetworkOf } from '../../../provision/choose-network.js';
import type { PublicKey } from '../../../provision/cloud-init/ssh-keys.js';
import { chooseSizes, imageOf } from '../../../provision/guest.js';
import type { CatalogueImage } from '../../../provision/images/catalogue.js';
import { usualPoolOf } from '../../../provision/places.js';
import { namesFor } from '../../../provision/request/names.js';
import { ownName } from '../../../provision/request/own-name.js';
import { isWrong, readOption, requestFrom } from '../../../provision/request/read-option.js';
import type { PlainReading, Reading, Said } from '../../../provision/request/vm-option.js';
import { vmOptions } from '../../../provision/request/vm-options.js';
import type { NetworkChoice, VmRequest, VmSource } from '../../../provision/request/vm-request.js';
import type { Values } from '../../kit/form/form.js';
import { exactSize } from '../../kit/form/size-field.js';
import { localPath } from '../../services/local-file.js';
import type { HostReading } from './host-reading.js';
import { freeName, stemOf } from './sources.js';
import { hasAccess, suits } from './suits.js';

/** A VM to be created, as entered so far. Never holds the password itself. */
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

/** Those of the table of options. */
const plainDefaults: Values = Object.fromEntries(vmOptions.map(({ id, value }) => [id, defaultOf(value)]));

function defaultOf(reading: Reading): string {
  if (reading.kind === 'toggle') return reading.default ? 'yes' : 'no';
  return ('default' in reading ? reading.default : undefined) ?? '';
}

/** A bare number would be one of a larger unit. */
function sizeText(size: number): string {
  return exactSize(size).replace(/\d$/, '$&B');
}

/** As the fields show it. */
export function valuesOf(draft: Draft, around: Surroundings): Values {
  const source = sourceOf(draft, around);
  const sizes = chooseSizes({ name: '', source, start: true, startInactive: true });
  const defaults: Values = {
    ...plainDefaults,
    name: freeName(stemOf(source), around.reading),
    vcpus: String(sizes.vcpus),
    memory: sizeText(sizes.memory),
    disk: sizeText(sizes.disk),
    network: defaultNetwork(around.reading, draft.typed),
    pool: defaultPool(around.reading),
    startInactive: 'yes',
    // Of images that nobody knows a user of; root is everywhere already.
    user: imageOf({ source })?.user || (ownName() ?? 'admin'),
    ...Object.fromEntries(around.keys.map(({ text }) => [keyField + text, 'yes'])),
    moreSize: 'no',
    moreAccess: 'no',
  };
  const password = draft.passwordHash === undefined ? '' : 'set';
  const passwordAgain = draft.passwordRepeated ? 'set' : '';
  return { ...defaults, ...draft.typed, password, passwordAgain };
}

/** Typed text replaces a default; an emptied field gets its suggestion back. */
export function withValue(draft: Draft, id: string, value: string): Draft {
  const { [id]: _, ...rest } = draft.typed;
  return { ...draft, typed: value === '' ? rest : { ...rest, [id]: value } };
}

function defaultNetwork(reading: HostReading | undefined, { startInactive }: Values): string {
  const mayMake = reading?.mayMakeNetwork === true && startInactive !== 'no';
  const usual = reading && usualNetworkOf(reading.facts, { mayMake });
  return usual?.kind === 'network' ? `network ${usual.name}` : 'user';
}

/** Empty where the host has none: one is made. */
function defaultPool(reading: HostReading | undefined): string {
  return usualPoolOf(reading?.pools.map(({ listing }) => listing) ?? [])?.name ?? '';
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
  const withAccess = hasAccess(source, values);
  const said: Said = {
    ...plainlySaid(source, values, around),
    network: networkOf(values),
    ...(withAccess && accessOf(draft, values, around, moreKeys)),
  };
  const [name = '', count] = [values.name?.trim(), Number(values.count)];
  const request = requestFrom({ name, source }, said, withAccess);
  const names = namesFor(name, count);
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

/** What the table of options alone can read. */
function plainlySaid(source: VmSource, values: Values, { images }: Surroundings): Said {
  const said = vmOptions.flatMap((option) => {
    const { id, field, value: reading } = option;
    if (reading.kind === 'special' || field === undefined || !suits(option, source, values)) return [];
    return [[reading.path, readField(reading, values[id]?.trim() ?? '', images)]];
  });
  return Object.fromEntries(said);
}

function readField(reading: PlainReading, typed: string, images: readonly CatalogueImage[]): unknown {
  if (reading.kind === 'toggle') return typed === 'yes';
  if (typed === '') return reading.kind === 'words' || reading.kind === 'line' ? [] : undefined;
  const read = readOption(reading, typed, images);
  return isWrong(read) ? undefined : read;
}

function accessOf(
  { passwordHash }: Draft,
  values: Values,
  { keys }: Surroundings,
  moreKeys: readonly string[],
): Said {
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
    'access.user': text('user'),
    'access.keys': [...own, ...moreKeys],
    'access.passwordHash': passwordHash,
    'access.userData': userData === '' ? undefined : { path: localPath(userData), mode },
    'access.network':
      addresses.length === 0
        ? undefined
        : { addresses, gateway: text('gateway') || undefined, nameservers: words('nameservers') },
  };
}

function networkOf({ network = '', bridge = '' }: Values): NetworkChoice | undefined {
  if (network === 'bridge') return { kind: 'bridge', name: bridge.trim() };
  if (network === 'user' || network === 'none') return { kind: network };
  return network === '' ? undefined : { kind: 'network', name: network.replace(/^network /, '') };
}
