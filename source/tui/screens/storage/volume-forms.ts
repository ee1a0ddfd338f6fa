import type { Pool } from '../../../inventory/object-types.js';
import { usersOf, type VolumeUse } from '../../../inventory/volume-users.js';
import { type VolumeSpec, volumeFormats, volumeXml } from '../../../libvirt/xml/volume-xml.js';
import { bytes } from '../../../text/size.js';
import { shortList } from '../../../text/units.js';
import { askFirst } from '../../kit/ask.js';
import type { Field, Form, Problem, Values } from '../../kit/form/form.js';
import { exactSize, sizeOf, sizeProblems } from '../../kit/form/size-field.js';
import { brokenNow, poolOf } from './storage-data.js';
import type { PoolChoice, VolumeChoice } from './volume-commands.js';
import { factsOf, hasFormats } from './volume-facts.js';
import { baseOf, nameProblems } from './volume-problems.js';

const asChoices = (values: readonly string[]) => values.map((value) => ({ value, text: value }));
/** Formats that can stand on another volume. */
const layered = ['qcow2', 'qed', 'vmdk'];

/** The form of a new, empty volume: all that `virsh vol-create-as` takes. */
export function newVolumeForm({ place, pool: opened, select }: PoolChoice): Form {
  const { host, connectionId, uuid } = place;
  const poolNow = (): Pool => poolOf(place) ?? opened;
  return {
    id: `new volume ${connectionId} ${uuid}`,
    title: `New volume in ${opened.name}`,
    initial: {
      name: '',
      format: 'qcow2',
      capacity: '',
      allocation: '',
      metadata: 'no',
      backing: '',
      backingFormat: '',
    },
    action: 'Create',
    fields: (values) => newFields(values, poolNow(), place.host.volumeUsers(place.connectionId).use),
    read: () => place.host.volumeUsers(place.connectionId).read(),
    problems: (values) => newProblems(values, poolNow()),
    preview: (values) => volumeXml(newSpec(values, poolNow())).trimEnd().split('\n'),
    submit: (values) => {
      const spec = newSpec(values, poolNow());
      select(spec.name);
      return host.inventory.operate(connectionId, {
        on: { kind: 'pool', uuid },
        pending: 'creating a volume',
        done: `volume ${spec.name}: created`,
        failed: `volume ${spec.name}: create failed`,
        call: ({ volumes }) =>
          volumes.create(opened, volumeXml(spec), {
            preallocateMetadata: spec.format === 'qcow2' && values.metadata === 'yes',
          }),
      });
    },
  };
}

function newFields(values: Values, pool: Pool, use: VolumeUse): readonly Field[] {
  const free = pool.info === undefined ? undefined : `${bytes(pool.info.available)} free in the pool`;
  const base = baseOf(values.backing, pool);
  return [
    { id: 'name', label: 'Name', kind: 'text' },
    ...(hasFormats(pool)
      ? [{ id: 'format', label: 'Format', kind: 'choice', choices: asChoices(volumeFormats) } as const]
      : []),
    {
      id: 'capacity',
      label: 'Capacity',
      kind: 'text',
      hint: base === undefined ? 'e.g. 10G' : 'left out: that of what it stands on',
    },
    { id: 'allocation', label: 'Allocation', kind: 'text', hint: free ?? 'taken at once; may be left out' },
    ...(hasFormats(pool) ? backingFields(values, pool, use) : []),
    ...(hasFormats(pool) && values.format === 'qcow2'
      ? [
          {
            id: 'metadata',
            label: 'Metadata',
            kind: 'toggle',
            hint: 'all its tables are written at once',
          } as const,
        ]
      : []),
  ];
}

function backingFields({ backing }: Values, pool: Pool, use: VolumeUse): readonly Field[] {
  const base = baseOf(backing, pool);
  const own = base !== undefined && 'path' in base ? base.volume : undefined;
  const writers = (own === undefined ? [] : usersOf(use, own, factsOf(own)?.path)).filter(
    ({ writes }) => writes,
  );
  const names = writers.map(({ domain }) => domain).join(', ');
  // Somebody may be about to let the domain go on with the new one.
  const hint =
    names === ''
      ? 'a volume of the pool or a path; or nothing'
      : `${names} writes to it: what stands on it breaks`;
  const format: Field = {
    id: 'backingFormat',
    label: 'Its format',
    kind: 'choice',
    choices: [{ value: '', text: 'as it says' }, ...asChoices(volumeFormats)],
  };
  return [
    { id: 'backing', label: 'Stands on', kind: 'text', hint },
    ...((backing ?? '') === '' ? [] : [format]),
  ];
}

function newSpec(values: Values, pool: Pool): VolumeSpec {
  const files = hasFormats(pool);
  const base = files ? baseOf(values.backing, pool) : undefined;
  const path = base !== undefined && 'path' in base ? base.path : undefined;
  const facts = base !== undefined && 'path' in base && base.volume ? factsOf(base.volume) : undefined;
  return {
    name: (values.name ?? '').trim(),
    capacity: sizeOf(values.capacity) ?? facts?.capacity ?? 0,
    allocation: sizeOf(values.allocation),
    format: files ? values.format : undefined,
    backing:
      path === undefined ? undefined : { path, format: values.backingFormat || facts?.format || undefined },
  };
}

function newProblems(values: Values, pool: Pool): readonly Problem[] {
  const spec = newSpec(values, pool);
  const problems = nameProblems(spec.name, pool);
  const base = hasFormats(pool) ? baseOf(values.backing, pool) : undefined;
  const inherited = (values.capacity ?? '').trim() === '' && spec.capacity > 0;
  if (!inherited) problems.push(...sizeProblems(values.capacity, 'capacity'));
  if ((values.allocation ?? '').trim() !== '') {
    if (spec.allocation === undefined) problems.push(...sizeProblems(values.allocation, 'allocation'));
    else if (spec.capacity > 0 && spec.allocation > spec.capacity)
      problems.push({ field: 'allocation', message: 'more than the capacity' });
  }
  if (base === undefined) return problems;
  if ('problem' in base) return [...problems, { field: 'backing', message: base.problem }];
  if (!layered.includes(values.format ?? ''))
    problems.push({ field: 'format', message: `${values.format} stands on nothing: choose qcow2` });
  if (spec.backing?.format === undefined)
    problems.push({ field: 'backingFormat', message: 'its format is not known: choose it' });
  return problems;
}

/** The form to resize a volume. Asks before shrinking it, naming the volume. */
export function resizeForm({ place, pool, volume }: VolumeChoice): Form {
  const { host, connectionId, uuid } = place;
  const facts = factsOf(volume);
  const users = usersOf(place.host.volumeUsers(place.connectionId).use, volume, facts?.path).map(
    ({ domain }) => domain,
  );
  const used = users.length === 0 ? '' : `; used by ${users.join(', ')}, which sees it at its next start`;
  const now = facts?.capacity;
  const shrinks = (values: Values): boolean => (sizeOf(values.capacity) ?? 0) < (now ?? 0);
  return {
    id: `resize ${connectionId} ${uuid} ${volume.name}`,
    title: `Resize ${volume.name}`,
    initial: { capacity: now === undefined ? '' : exactSize(now) },
    action: 'Resize',
    fields: (values) => [
      {
        id: 'capacity',
        label: 'Capacity',
        kind: 'text',
        hint:
          sizeOf(values.capacity) !== undefined && shrinks(values)
            ? 'smaller than now: data behind the new end is lost'
            : `now ${now === undefined ? 'unknown' : bytes(now)}${used}`,
      },
    ],
    problems: ({ capacity }) => {
      const problems = sizeProblems(capacity, 'capacity');
      if (problems.length === 0 && sizeOf(capacity) === now)
        problems.push({ field: 'capacity', message: 'this is its capacity now' });
      return problems;
    },
    submit: async (values) => {
      const capacity = sizeOf(values.capacity) ?? 0;
      // Without a known size it may only grow: libvirt refuses the rest.
      const shrink = now !== undefined && shrinks(values);
      if (shrink) {
        const broken = await brokenNow(place, volume).catch((error: Error) => [
          `perhaps anybody: ${error.message}`,
        ]);
        const sure = await askFirst(host, {
          title: `Shrink the volume ${volume.name}?`,
          lines: [
            `From ${bytes(now)} to ${bytes(capacity)}: what lies behind the new end is lost.`,
            'Shrink the file systems and partitions in it before.',
            ...(broken.length === 0 ? [] : ['', `In use, and they break: ${shortList(broken)}.`]),
          ],
          yes: 'Shrink it',
          no: 'Leave it',
        });
        if (!sure) return { ok: false, text: 'Nothing was changed.' };
      }
      return host.inventory.operate(connectionId, {
        on: { kind: 'pool', uuid: pool.uuid },
        pending: 'resizing a volume',
        done: `volume ${volume.name}: ${bytes(capacity)} now`,
        failed: `volume ${volume.name}: resize failed`,
        call: ({ volumes }) => volumes.resize(volume, capacity, { shrink }),
      });
    },
  };
}
