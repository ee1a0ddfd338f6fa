import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFlags, createUsage } from '../../../../source/commands/create/flags.js';
import { byOption } from '../../../../source/commands/create/option-names.js';
import { requestOf } from '../../../../source/commands/create/request.js';
import { checkFlags } from '../../../../source/commands/create/rules.js';
import { UsageProblem } from '../../../../source/commands/create/usage.js';
import { parseFlags } from '../../../../source/commands/parse-flags.js';
import { catalogueFor } from '../../../../source/provision/images/catalogue.js';
import type { VmOption } from '../../../../source/provision/request/vm-option.js';
import { vmOptions } from '../../../../source/provision/request/vm-options.js';
import type { VmRequest } from '../../../../source/provision/request/vm-request.js';
import {
  type Draft,
  firstDraft,
  requestsOf,
  type Surroundings,
  sourceOf,
  valuesOf,
} from '../../../../source/tui/screens/new-vm/draft.js';
import { placeOf } from '../../../../source/tui/screens/new-vm/field-places.js';
import { fieldsOf } from '../../../../source/tui/screens/new-vm/pages.js';
import { problemsOf } from '../../../../source/tui/screens/new-vm/problems.js';

const images = catalogueFor([]).filter(({ arch }) => arch === 'x86_64');
const around: Surroundings = { reading: undefined, keys: [], images, home: '/home/me' };

/** What is typed behind a flag, and into the field; true is a flag without a value. */
interface Typed {
  readonly flag: string | true | readonly string[];
  readonly field: string;
  /** The flag is that of another option. */
  readonly name?: string;
}

const same = (text: string): Typed => ({ flag: text, field: text });

/** Where an option has code of its own, and of texts that are looked up. */
const samples: Readonly<Record<string, readonly Typed[]>> = {
  osId: [same('debian12'), same('http://debian.org/debian/12')],
  network: [
    { flag: 'isolated', field: 'network isolated' },
    { flag: true, field: 'none', name: 'no-network' },
    { flag: true, field: 'user', name: 'user-network' },
  ],
  user: [same('isabell')],
  userData: [same('/srv/user-data')],
  address: [
    same('192.0.2.5/24'),
    { flag: ['192.0.2.5/24', '2001:db8::5/64'], field: '192.0.2.5/24 2001:db8::5/64' },
  ],
  cloudInit: [{ flag: true, field: 'no', name: 'no-cloud-init' }],
};

/** In the request of those that code reads. */
const places: Readonly<Record<string, string>> = {
  network: 'network',
  user: 'access.user',
  userData: 'access.userData',
  address: 'access.network',
  cloudInit: 'access',
};

/** Keys are read beside the screen, a hash has a salt of its own, and so on: each has a test of its own. */
const elsewhere = [
  'name',
  'count',
  'bridge',
  'moreKeys',
  'password',
  'userDataMode',
  'gateway',
  'nameservers',
];

function samplesOf({ id, flag, value: reading }: VmOption): readonly Typed[] {
  const own = samples[id];
  if (own !== undefined) return own;
  switch (reading.kind) {
    case 'text':
      return reading.read === undefined ? ['x', 'two words', 'größe', '"$(quoted)"'].map(same) : [];
    case 'count':
      return ['1', '37'].map(same);
    case 'size':
      return ['512', '1.5', '7G', '100 MiB', '3GB', '4096b'].map(same);
    case 'words':
      return [same('vim'), { flag: ['vim', 'htop'], field: 'vim htop' }];
    case 'line':
      return [same('echo "a b"')];
    case 'toggle':
      return [
        { flag: true, field: 'yes' },
        { flag: true, field: 'no', name: `no-${flag?.name}` },
      ];
    case 'choice':
      return Object.keys(reading.choices).flatMap((value) =>
        reading.flagMeans === undefined
          ? [same(value)]
          : value === reading.flagMeans
            ? [{ flag: true, field: value } as const]
            : [],
      );
    case 'special':
      return [];
  }
}

async function requestOfWords(words: readonly string[]): Promise<VmRequest> {
  const parsed = parseFlags(words, createFlags);
  if ('problem' in parsed) throw new Error(parsed.problem);
  checkFlags(parsed.flags);
  const nothing = { write: () => true };
  const io = { stdout: nothing, stderr: nothing, env: { HOME: '/nonexistent' } };
  const { signal } = new AbortController();
  return requestOf('web-1', { io, flags: parsed.flags, catalogue: images, signal });
}

function draftOf(id: string, typed: string, more: Draft['typed'] = {}): Draft {
  return { ...firstDraft, typed: { name: 'web-1', ...more, [id]: typed } };
}

function valueAt(request: VmRequest, path: string): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(request));
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], plain);
}

const inBoth = vmOptions.filter(({ id, flag, field }) => flag && field && !elsewhere.includes(id));

describe.each(inBoth.map((option) => [option.id, option] as const))('%s', (id, option) => {
  const typed = samplesOf(option);

  test('has something to be typed here', () => {
    expect(typed).not.toEqual([]);
  });

  test.each(typed)(
    '$flag as the flag is $field in the field',
    async ({ flag, field, name = option.flag?.name }) => {
      const { value: reading } = option;
      const path = reading.kind === 'special' ? (places[id] ?? '') : reading.path;
      const words = (flag === true ? [undefined] : [flag].flat()).flatMap((value) =>
        value === undefined ? [`--${name}`] : [`--${name}`, value],
      );
      const [request] = requestsOf(draftOf(id, field), around, []);
      const said = valueAt(await requestOfWords(words), path);
      expect(request && valueAt(request, path)).toEqual(said);
      // What is chosen without a word is no proof that it arrives.
      if (id !== 'cloudInit') expect(said).toBeDefined();
    },
  );
});

test.each([
  ['vcpus', 'none'],
  ['memory', '5 parsecs'],
  ['disk', '99999999999999999999'],
  ['osId', 'plan9'],
])('%s: %s is refused at the flag and at the field', async (id, typed) => {
  const name = vmOptions.find((option) => option.id === id)?.flag?.name;
  await expect(requestOfWords([`--${name}`, typed])).rejects.toThrow(UsageProblem);
  expect(problemsOf(draftOf(id, typed), around)).toMatchObject([{ page: 'size', field: id }]);
});

test('own user-data that is used alone, a static network with its gateway, a bridge', async () => {
  const of = (typed: Draft['typed']) => requestsOf(draftOf('name', 'web-1', typed), around, [])[0];
  const alone = await requestOfWords(['--user-data-only', 'own.yaml']);
  expect(of({ userData: resolve('own.yaml'), userDataMode: 'alone' })?.access?.userData).toEqual(
    alone.access?.userData,
  );
  const words = [
    '--address',
    '192.0.2.5/24',
    '--gateway',
    '192.0.2.1',
    '--dns',
    '192.0.2.2',
    '--dns',
    '192.0.2.3',
  ];
  const typed = { address: '192.0.2.5/24', gateway: '192.0.2.1', nameservers: '192.0.2.2, 192.0.2.3' };
  expect(of(typed)?.access?.network).toEqual((await requestOfWords(words)).access?.network);
  const bridged = await requestOfWords(['--bridge', 'br0']);
  expect(of({ network: 'bridge', bridge: 'br0' })?.network).toEqual(bridged.network);
});

describe('every option', () => {
  const flagged = vmOptions.flatMap(({ flag, findings, id }) =>
    flag === undefined ? [] : [{ flag, findings: findings ?? [id] }],
  );
  const shown = vmOptions.filter(({ field }) => field !== undefined);

  test.each(flagged.map(({ flag }) => flag.name))('--%s is in the help', (name) => {
    expect(createUsage).toMatch(new RegExp(`--(no-)?${name}\\b`));
  });

  test.each(shown.map(({ id, page, field }) => [id, page, field?.label] as const))(
    '%s has its field on the page %s',
    (id, page, label) => {
      const open = { moreSize: 'yes', moreAccess: 'yes', network: 'bridge', userData: 'a', address: 'b' };
      const draft = draftOf('name', 'web-1', open);
      const fields = fieldsOf(page, sourceOf(draft, around), valuesOf(draft, around), around);
      // The first key has the label of them all.
      const wanted = id === 'moreKeys' ? 'SSH keys' : label;
      expect(fields.filter((field) => field.id === id).map((field) => field.label)).toEqual([wanted]);
    },
  );

  test.each(shown.flatMap(({ id, findings = [id] }) => findings.map((part) => [part, id] as const)))(
    'a finding about %s leads to a field that is there',
    (part) => {
      const place = placeOf({ field: 'access', part });
      const draft = draftOf(place?.behind ?? 'name', place?.behind === undefined ? 'web-1' : 'yes', {
        network: 'bridge',
        userData: 'a',
        address: 'b',
      });
      const fields = fieldsOf(
        place?.page ?? 'review',
        sourceOf(draft, around),
        valuesOf(draft, around),
        around,
      );
      expect(fields.map((field) => field.id)).toContain(place?.field);
    },
  );

  test.each(flagged.flatMap(({ flag, findings }) => findings.map((part) => [part, flag.name] as const)))(
    'a finding about %s names --%s where that was given',
    (part, name) => {
      const finding = { level: 'error', field: 'access', part, message: 'it is wrong' } as const;
      expect(byOption(finding, { [name]: 'x' }).message).toMatch(new RegExp(`^--${name}( x)?: it is wrong$`));
    },
  );
});
