import { usualNetwork } from '../../../provision/choose-network.js';
import { imageOf } from '../../../provision/guest.js';
import type { VmOption } from '../../../provision/request/vm-option.js';
import { vmOptions } from '../../../provision/request/vm-options.js';
import type { VmSource } from '../../../provision/request/vm-request.js';
import { count } from '../../../text/units.js';
import type { Field, Values } from '../../kit/form/form.js';
import { keyField, type Surroundings } from './draft.js';
import { lacksNetwork, networksOf, poolNote, poolText } from './sources.js';
import { suits } from './suits.js';

export const pageIds = ['image', 'size', 'network', 'access', 'review'] as const;
export type PageId = (typeof pageIds)[number];

export const pageTitles: Readonly<Record<PageId, string>> = {
  image: 'Image',
  size: 'Name and size',
  network: 'Network and storage',
  access: 'Access',
  review: 'Review',
};

/** The switches that show the rest of a page. */
const moreFields: Partial<Readonly<Record<PageId, Field>>> = {
  size: { id: 'moreSize', label: 'More', kind: 'toggle', hint: 'machine, CPU, firmware, graphics' },
  access: { id: 'moreAccess', label: 'More', kind: 'toggle', hint: 'packages, user-data, static address' },
};

/** The switch that an option is behind. */
export function switchOf({ page, field }: VmOption): string | undefined {
  return field?.more ? moreFields[page]?.id : undefined;
}

/** The fields of a page, as far as what is entered calls for them. */
export function fieldsOf(
  page: PageId,
  source: VmSource,
  values: Values,
  around: Surroundings,
): readonly Field[] {
  const options = vmOptions.filter((one) => one.page === page && suits(one, source, values));
  const shown = (more: boolean): readonly Field[] =>
    options
      .filter(({ field }) => (field?.more === true) === more)
      .flatMap((option) => {
        const field = fieldOf(option);
        if (field === undefined) return [];
        return ofHost[option.id]?.(field, { source, values, around }) ?? [field];
      });
  const [first, more] = [shown(false), moreFields[page]];
  // Without cloud-init its switch is all there is.
  if (more === undefined || first.length === 0) return [...first, ...shown(true)];
  return [...first, more, ...(values[more.id] === 'yes' ? shown(true) : [])];
}

function fieldOf({ id, field, value: reading }: VmOption): Field | undefined {
  if (field === undefined) return undefined;
  const { label, hint, kind, choices } = field;
  const named = { id, label, ...(hint && { hint }) };
  if (reading.kind === 'toggle') return { ...named, kind: 'toggle' };
  if (reading.kind !== 'choice')
    return { ...named, kind: kind ?? 'text', ...(choices && { choices: choicesOf(choices) }) };
  const { unset } = reading;
  return {
    ...named,
    kind: 'choice',
    choices: [...(unset === undefined ? [] : [{ value: '', text: unset }]), ...choicesOf(reading.choices)],
  };
}

function choicesOf(texts: Readonly<Record<string, string>>): NonNullable<Field['choices']> {
  return Object.entries(texts).map(([value, text]) => ({ value, text }));
}

interface Entered {
  readonly source: VmSource;
  readonly values: Values;
  readonly around: Surroundings;
}

/** Fields that say something of the host, or come and go with others. */
const ofHost: Readonly<Record<string, (field: Field, entered: Entered) => readonly Field[]>> = {
  name: (field, { values }) => [
    { ...field, ...(Number(values.count) > 1 && { hint: 'their number is added' }) },
  ],
  vcpus: (field, { around: { reading } }) => {
    const info = reading?.facts.info;
    return [{ ...field, ...(info && { hint: `the host has ${count(info.cpus, 'CPU')}` }) }];
  },
  memory: (field, { around: { reading } }) => {
    const { freeMemory, memory } = reading?.facts ?? {};
    return [{ ...field, ...(freeMemory !== undefined && { hint: memoryHint(freeMemory, memory) }) }];
  },
  firmware: (field, { source }) => {
    const [unset, ...rest] = field.choices ?? [];
    const text = imageOf({ source })?.firmware === 'uefi' ? 'UEFI, as the image needs it' : unset?.text;
    return [{ ...field, choices: [{ value: '', text: text ?? '' }, ...rest] }];
  },
  network: (field, { around: { reading } }) => [{ ...field, choices: networkChoices(reading) }],
  bridge: (field, { values }) => (values.network === 'bridge' ? [field] : []),
  pool: (field, { around: { reading } }) => {
    const pools = reading?.pools ?? [];
    const hint = poolNote(reading);
    const choices =
      pools.length === 0
        ? [{ value: '', text: 'there is none: one is made' }]
        : pools.map((pool) => ({ value: pool.listing.name, text: poolText(pool) }));
    return [{ ...field, choices, ...(hint !== undefined && { hint }) }];
  },
  moreKeys: (field, { around: { keys, home } }) => [
    ...keys.map(
      (key, at): Field => ({
        id: keyField + key.text,
        label: at === 0 ? 'SSH keys' : '',
        kind: 'toggle',
        hint: `${key.comment || key.type} (${underHome(key.source, home)})`,
      }),
    ),
    { ...field, ...(keys.length === 0 && { label: 'SSH keys' }) },
  ],
  password: (field, { values }) => [
    { ...field, hint: values.password === '' ? 'may be left out' : 'Ctrl-U takes it away' },
    ...(values.password === '' || values.passwordAgain !== ''
      ? []
      : [{ id: 'passwordAgain', label: 'Once more', kind: 'secret', hint: 'the same' } as const]),
  ],
  userDataMode: (field, { values }) => (values.userData === '' ? [] : [field]),
};

function memoryHint(free: number, total: number | undefined): string {
  const gib = (amount: number): number => Math.floor(amount / 1024 ** 3);
  return `the host has ${gib(free)} ${total === undefined ? '' : `of ${gib(total)} `}GiB free`;
}

function networkChoices(reading: Surroundings['reading']): NonNullable<Field['choices']> {
  return [
    ...networksOf(reading).map(({ name, active }) => ({
      value: `network ${name}`,
      text: active ? name : `${name} (inactive)`,
    })),
    ...(lacksNetwork(reading)
      ? [{ value: `network ${usualNetwork}`, text: `${usualNetwork}: is made and started` }]
      : []),
    { value: 'bridge', text: 'a bridge of the host' },
    { value: 'user', text: 'user-mode: out only, nobody reaches it' },
    { value: 'none', text: 'none' },
  ];
}

/** A path as a person writes it. */
function underHome(path: string, home: string): string {
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
