import { type CloudInit, problemsOf as cloudInitProblems } from '../../../provision/cloud-init/request.js';
import { hostsOf, mostAtOnce, nameProblem, namesFor } from '../../../provision/request/names.js';
import type { VmRequest } from '../../../provision/request/vm-request.js';
import type { Problem, Values } from '../../kit/form/form.js';
import { sizeProblems } from '../../kit/form/size-field.js';
import { type Draft, requestsOf, type Surroundings, sourceOf, valuesOf } from './draft.js';
import { type FieldPlace, placeOf } from './field-places.js';

/** Something that is wrong, with the place where it is put right. */
export type PlacedProblem = Problem & FieldPlace;

/** All that is wrong before the host is asked for anything. */
export function problemsOf(draft: Draft, around: Surroundings): readonly PlacedProblem[] {
  const values = valuesOf(draft, around);
  const source = sourceOf(draft, around);
  const found: PlacedProblem[] = [];
  const add = (page: FieldPlace['page'], problems: readonly Problem[], behind?: string): void => {
    for (const problem of problems) found.push({ ...problem, page, ...(behind && { behind }) });
  };
  add('size', countProblems(values));
  if (found.length === 0) add('size', nameProblems(values, around));
  if (!/^[1-9]\d*$/.test((values.vcpus ?? '').trim()))
    add('size', [{ field: 'vcpus', message: 'give a number, 1 or more' }]);
  add('size', sizeProblems(values.memory, 'memory'));
  if (source.kind !== 'import') add('size', sizeProblems(values.disk, 'disk'));
  if (values.network === 'bridge' && !/^[^\s/]{1,15}$/.test((values.bridge ?? '').trim()))
    add('network', [{ field: 'bridge', message: 'give the name of a bridge on the host, e.g. br0' }]);
  add('network', poolProblems(values, around));
  if (draft.passwordHash !== undefined && !draft.passwordRepeated)
    add('access', [{ field: 'passwordAgain', message: 'type the password once more' }]);
  if (found.length === 0) found.push(...accessProblems(draft, around));
  return found;
}

function countProblems({ count = '' }: Values): readonly Problem[] {
  const number = /^\d+$/.test(count.trim()) ? Number(count) : 0;
  return number >= 1 && number <= mostAtOnce
    ? []
    : [{ field: 'count', message: `give a number from 1 to ${mostAtOnce}` }];
}

function nameProblems({ name = '', count }: Values, { reading }: Surroundings): readonly Problem[] {
  const problem = nameProblem(name.trim());
  if (problem !== undefined) return [{ field: 'name', message: problem }];
  const taken = namesFor(name.trim(), Number(count)).filter((one) =>
    reading?.facts.domains.some((domain) => domain.name === one),
  );
  const [first] = taken;
  if (first === undefined) return [];
  return [{ field: 'name', message: `there is a domain ${first} already: choose another name` }];
}

/** A pool that was chosen may be gone by now. */
function poolProblems({ pool = '' }: Values, { reading }: Surroundings): readonly Problem[] {
  if (reading === undefined || pool === '' || reading.pools.some(({ listing }) => listing.name === pool))
    return [];
  return [
    { field: 'pool', message: `there is no storage pool ${pool} on the host any more: choose another` },
  ];
}

/** The rules of cloud-init's own fields; files are read when the plan is made. */
function accessProblems(draft: Draft, around: Surroundings): readonly PlacedProblem[] {
  const [request] = requestsOf(draft, around, []);
  const cloudInit = request === undefined ? undefined : cloudInitOf(request);
  if (cloudInit === undefined) return [];
  return cloudInitProblems(cloudInit).map(({ field, message, hint }) => {
    return {
      page: 'access',
      field: 'user',
      ...placeOf({ field: 'access', part: field }),
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
