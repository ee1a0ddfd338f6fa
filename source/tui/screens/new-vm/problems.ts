import { type CloudInit, problemsOf as cloudInitProblems } from '../../../provision/cloud-init/request.js';
import { hostsOf, mostAtOnce, nameProblem, namesFor } from '../../../provision/request/names.js';
import { isWrong, readOption } from '../../../provision/request/read-option.js';
import type { VmOption } from '../../../provision/request/vm-option.js';
import { vmOptions } from '../../../provision/request/vm-options.js';
import type { VmRequest } from '../../../provision/request/vm-request.js';
import type { Problem, Values } from '../../kit/form/form.js';
import { type Draft, requestsOf, type Surroundings, sourceOf, valuesOf } from './draft.js';
import { type FieldPlace, placeOf, placeOfOption } from './field-places.js';
import { suits } from './suits.js';

/** Something that is wrong, with the place where it is put right. */
export type PlacedProblem = Problem & FieldPlace;

/** All that is wrong before the host is asked for anything. */
export function problemsOf(draft: Draft, around: Surroundings): readonly PlacedProblem[] {
  const values = valuesOf(draft, around);
  const source = sourceOf(draft, around);
  const found: PlacedProblem[] = vmOptions.flatMap((option) => {
    if (option.field === undefined || !suits(option, source, values)) return [];
    const message = own[option.id]?.({ draft, values, around }) ?? plainProblem(option, values, around);
    return message === undefined ? [] : [{ ...placeOfOption(option), message }];
  });
  if (draft.passwordHash !== undefined && !draft.passwordRepeated)
    found.push({ page: 'access', field: 'passwordAgain', message: 'type the password once more' });
  return found.length === 0 ? accessProblems(draft, around) : found;
}

/** What is wrong with a value by the kind of its option alone. */
function plainProblem(
  { id, value: reading }: VmOption,
  values: Values,
  { images }: Surroundings,
): string | undefined {
  const typed = values[id]?.trim() ?? '';
  if (reading.kind === 'special' || reading.kind === 'toggle') return undefined;
  const isNumber = reading.kind === 'count' || reading.kind === 'size';
  if (typed === '' && !isNumber) return undefined;
  const read = readOption(reading, typed, images);
  if (isWrong(read)) return read.problem;
  return read === 0 ? 'give more than nothing' : undefined;
}

interface Entered {
  readonly draft: Draft;
  readonly values: Values;
  readonly around: Surroundings;
}

/** What else can be wrong, by the ids of the fields. */
const own: Readonly<Record<string, (entered: Entered) => string | undefined>> = {
  count: ({ values }) => (isCount(values) ? undefined : `give a number from 1 to ${mostAtOnce}`),
  name: ({ values, around }) => (isCount(values) ? nameTaken(values, around) : undefined),
  bridge: ({ values: { network, bridge = '' } }) =>
    network !== 'bridge' || /^[^\s/]{1,15}$/.test(bridge.trim())
      ? undefined
      : 'give the name of a bridge on the host, e.g. br0',
  // One that was chosen may be gone by now.
  pool: ({ values: { pool = '' }, around: { reading } }) =>
    reading === undefined || pool === '' || reading.pools.some(({ listing }) => listing.name === pool)
      ? undefined
      : `there is no storage pool ${pool} on the host any more: choose another`,
};

function isCount({ count = '' }: Values): boolean {
  const number = /^\d+$/.test(count.trim()) ? Number(count) : 0;
  return number >= 1 && number <= mostAtOnce;
}

function nameTaken({ name = '', count }: Values, { reading }: Surroundings): string | undefined {
  const problem = nameProblem(name.trim());
  if (problem !== undefined) return problem;
  const taken = namesFor(name.trim(), Number(count)).find((one) =>
    reading?.facts.domains.some((domain) => domain.name === one),
  );
  return taken === undefined ? undefined : `there is a domain ${taken} already: choose another name`;
}

/** The rules of cloud-init's own fields; files are read when the plan is made. */
function accessProblems(draft: Draft, around: Surroundings): readonly PlacedProblem[] {
  const [request] = requestsOf(draft, around, []);
  const cloudInit = request === undefined ? undefined : cloudInitOf(request);
  if (cloudInit === undefined) return [];
  return cloudInitProblems(cloudInit).map(({ field, message, hint }) => {
    return {
      ...(placeOf({ field: 'access', part: field }) ?? { page: 'access', field: 'user' }),
      message: hint === undefined ? message : `${message}: ${hint}`,
    };
  });
}

function cloudInitOf({ name, access }: VmRequest): CloudInit | undefined {
  if (access === undefined) return undefined;
  const {
    user = '',
    sudo,
    keys,
    passwordHash,
    network,
    userData: _file,
    vendorData: _vendor,
    ...rest
  } = access;
  const { hostname, ...others } = rest;
  return {
    ...others,
    ...hostsOf(name, hostname),
    instanceId: name,
    user: { name: user, sudo, keys, passwordHash },
    ...(network !== undefined &&
      'addresses' in network && {
        // Of the card that the plan gives it.
        network: { mac: '52:54:00:00:00:01', ...network },
      }),
  };
}
