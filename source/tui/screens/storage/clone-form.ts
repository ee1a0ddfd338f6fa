import type { Pool, Volume } from '../../../inventory/object-types.js';
import { type CloneSpec, cloneXml } from '../../../libvirt/xml/clone-xml.js';
import { type VolumeDescription, volumeFormats } from '../../../libvirt/xml/volume-xml.js';
import { cloneVolume } from '../../../provision/clone-volume.js';
import { bytes } from '../../../text/size.js';
import type { Field, Form, Problem, Values } from '../../kit/form/form.js';
import { connectionOf } from '../../services/live-connection.js';
import { poolOf } from './storage-data.js';
import type { VolumeChoice } from './volume-commands.js';
import { baseName, factsOf, hasFormats } from './volume-facts.js';
import { nameProblems } from './volume-problems.js';
import { beginTask } from './volume-task.js';

/** The form of a copy, in the same pool or another one. The copying is a task. */
export function cloneForm({ place, pool, volume }: VolumeChoice): Form {
  const { connectionId, uuid } = place;
  const pools = (): readonly Pool[] =>
    (connectionOf(place)?.pools.items ?? [pool]).filter(({ active }) => active);
  const targetOf = (values: Values): Pool => pools().find((one) => one.uuid === values.pool) ?? pool;
  // It may not have been read yet when the form is opened.
  const volumeNow = (): Volume =>
    poolOf(place)?.volumes.items.find(({ name }) => name === volume.name) ?? volume;
  const specOf = (values: Values): CloneSpec => ({
    name: (values.name ?? '').trim(),
    format: values.format || undefined,
    flatten: values.backing === 'flatten',
  });
  return {
    id: `clone ${connectionId} ${uuid} ${volume.name}`,
    title: `Clone ${volume.name}`,
    initial: { name: cloneName(volume.name), pool: uuid, format: '', backing: 'keep' },
    action: 'Clone',
    fields: (values) => cloneFields(pools(), hasFormats(targetOf(values)), factsOf(volumeNow())),
    problems: (values) => [
      ...nameProblems((values.name ?? '').trim(), targetOf(values)),
      ...cloneProblems(specOf(values), hasFormats(targetOf(values)), factsOf(volumeNow())),
    ],
    preview: (values) => {
      const { xml } = volumeNow();
      const files = hasFormats(targetOf(values));
      return xml === undefined
        ? []
        : cloneXml(xml, { ...specOf(values), files })
            .trimEnd()
            .split('\n');
    },
    submit: async (values) => {
      const spec = specOf(values);
      const target = targetOf(values);
      beginTask(place, {
        title: `clone ${volume.name} as ${spec.name} in ${target.name}`,
        whenCancelled: 'no longer waited for: the host may go on with it and leave the copy there',
        work: async (hypervisor, { signal }) => {
          const made = await cloneVolume(hypervisor, volume, target, spec, signal);
          return `${bytes((await hypervisor.volumes.info(made, { signal })).capacity)} copied`;
        },
      });
      return { ok: true, text: '' };
    },
  };
}

function cloneFields(
  pools: readonly Pool[],
  files: boolean,
  facts: VolumeDescription | undefined,
): readonly Field[] {
  const backing = facts?.backing;
  return [
    { id: 'name', label: 'Name', kind: 'text' },
    {
      id: 'pool',
      label: 'Pool',
      kind: 'choice',
      choices: pools.map(({ uuid, name }) => ({ value: uuid, text: name })),
    },
    ...(files
      ? [{ id: 'format', label: 'Format', kind: 'choice', choices: cloneFormats(facts?.format) } as const]
      : []),
    ...(backing === undefined
      ? []
      : [
          {
            id: 'backing',
            label: 'Stands on',
            kind: 'choice',
            choices: [
              { value: 'keep', text: `${baseName(backing.path)}, as the original` },
              { value: 'flatten', text: 'nothing: the copy holds everything' },
            ],
          } as const,
        ]),
  ];
}

function cloneFormats(own: string | undefined) {
  const others = volumeFormats.filter((format) => format !== own);
  return [
    { value: '', text: own ?? 'as the original' },
    ...others.map((format) => ({ value: format, text: format })),
  ];
}

function cloneProblems(
  { format, flatten }: CloneSpec,
  files: boolean,
  facts: VolumeDescription | undefined,
): readonly Problem[] {
  if (flatten || facts?.backing === undefined || (files && (format === undefined || format === facts.format)))
    return [];
  const what = files ? `a copy as ${format}` : 'a device';
  return [{ field: 'backing', message: `${what} stands on nothing: let the copy hold everything` }];
}

/** "disk.qcow2" becomes "disk-clone.qcow2". */
function cloneName(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? `${name.slice(0, dot)}-clone${name.slice(dot)}` : `${name}-clone`;
}
