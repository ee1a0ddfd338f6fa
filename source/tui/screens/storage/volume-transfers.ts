import { basename } from 'node:path';
import { downloadVolume, sumText, uploadFile } from '../../../libvirt/transfer.js';
import { volumeFormats, volumeXml } from '../../../libvirt/xml/volume-xml.js';
import { virtdeckLine } from '../../../provision/by-hand.js';
import { bytes } from '../../../text/size.js';
import type { Form, Problem, Values } from '../../kit/form/form.js';
import { connectionOf } from '../../services/live-connection.js';
import { LocalFiles, type LocalPlace, localPath, lookAt } from '../../services/local-file.js';
import { poolOf } from './storage-data.js';
import type { PoolChoice, VolumeChoice } from './volume-commands.js';
import { factsOf, hasFormats } from './volume-facts.js';
import { nameProblems } from './volume-problems.js';
import { beginTask } from './volume-task.js';

const missing: Readonly<Record<LocalPlace['kind'], string | undefined>> = {
  file: undefined,
  directory: 'this is a directory: write the path of a file',
  other: 'this is no file',
  nothing: 'there is no such file on this machine',
};

/** The file of this machine that was typed. */
function pathOf({ path = '' }: Values): string | undefined {
  return path.trim() === '' ? undefined : localPath(path);
}

/** The form of a new volume with the contents of a file of this machine. */
export function uploadForm({ place, pool: opened, select }: PoolChoice): Form {
  const { host, connectionId, uuid } = place;
  const files = new LocalFiles(() => host.redraw());
  const poolNow = () => poolOf(place) ?? opened;
  const nameOf = (values: Values): string => {
    const typed = (values.name ?? '').trim();
    const path = pathOf(values);
    return typed === '' && path !== undefined ? basename(path) : typed;
  };
  const formatOf = (values: Values): string => {
    const chosen = values.format ?? '';
    if (chosen !== '') return chosen;
    const ending = /\.(\w+)$/.exec(pathOf(values) ?? '')?.[1]?.toLowerCase() ?? '';
    return volumeFormats.find((format) => format === ending) ?? 'raw';
  };
  return {
    id: `upload ${connectionId} ${uuid}`,
    title: `Upload into ${opened.name}`,
    initial: { path: '', name: '', format: '' },
    action: 'Upload',
    fields: (values) => {
      const path = pathOf(values);
      const found = path === undefined ? undefined : files.at(path);
      return [
        {
          id: 'path',
          label: 'File here',
          kind: 'text',
          hint: found?.kind === 'file' ? bytes(found.size) : 'on this machine',
        },
        {
          id: 'name',
          label: 'Name',
          kind: 'text',
          hint: `left out: ${nameOf({ ...values, name: '' }) || 'that of the file'}`,
        },
        ...(hasFormats(poolNow())
          ? [
              {
                id: 'format',
                label: 'Format',
                kind: 'choice',
                choices: [
                  { value: '', text: `by its ending: ${formatOf({ ...values, format: '' })}` },
                  ...volumeFormats.map((value) => ({ value, text: value })),
                ],
              } as const,
            ]
          : []),
      ];
    },
    problems: (values) => {
      const path = pathOf(values);
      if (path === undefined) return [{ field: 'path', message: 'give the path of a file on this machine' }];
      const found = files.at(path);
      const problem = found === undefined ? undefined : missing[found.kind];
      const problems: Problem[] = problem === undefined ? [] : [{ field: 'path', message: problem }];
      const available = poolNow().info?.available;
      if (found?.kind === 'file' && available !== undefined && available > 0 && found.size > available)
        problems.push({
          field: 'path',
          message: `${bytes(found.size)} do not fit: ${bytes(available)} are free in the pool`,
        });
      return [...problems, ...nameProblems(nameOf(values), poolNow())];
    },
    submit: async (values) => {
      const path = pathOf(values) ?? '';
      const found = await lookAt(path);
      if (found.kind !== 'file') return { ok: false, text: `${path}: ${missing[found.kind] ?? ''}` };
      const name = nameOf(values);
      const format = hasFormats(poolNow()) ? formatOf(values) : undefined;
      const xml = volumeXml({ name, capacity: found.size, allocation: 0, format });
      select(name);
      beginTask(place, {
        title: `upload ${basename(path)} to ${opened.name}/${name}`,
        whenCancelled: 'cancelled; the volume that was begun is removed',
        work: async (hypervisor, control) => {
          // A connection that is lost in the middle leaves a half volume, which another one removes.
          const reopen = () => host.inventory.openAnother(connectionId, new AbortController().signal);
          const sent = await uploadFile(hypervisor, opened, path, {
            ...control,
            xml,
            reopen,
            byHand: ({ pool, name }) => virtdeckLine(connectionOf(place)?.uri, 'vol', 'delete', pool, name),
          });
          // The host reads the new contents; the upload is complete even if that fails.
          await hypervisor.pools.refresh(opened, { signal: control.signal }).catch(() => {});
          return `${bytes(sent.size)}, read back and compared, ${sumText(sent)}`;
        },
      });
      return { ok: true, text: '' };
    },
  };
}

/** The form of a file on this machine with what is in a volume. */
export function downloadForm({ place, volume }: VolumeChoice): Form {
  const { host, connectionId, uuid } = place;
  const files = new LocalFiles(() => host.redraw());
  const facts = factsOf(volume);
  return {
    id: `download ${connectionId} ${uuid} ${volume.name}`,
    title: `Download ${volume.name}`,
    initial: { path: basename(volume.name), overwrite: 'no' },
    action: 'Download',
    fields: (values) => {
      const path = pathOf(values);
      const found = path === undefined ? undefined : files.at(path);
      return [
        {
          id: 'path',
          label: 'File here',
          kind: 'text',
          hint: facts?.physical === undefined ? 'on this machine' : bytes(facts.physical),
        },
        ...(found?.kind === 'file'
          ? [{ id: 'overwrite', label: 'Overwrite', kind: 'toggle', hint: 'the file that is there' } as const]
          : []),
      ];
    },
    problems: (values) => {
      const path = pathOf(values);
      if (path === undefined) return [{ field: 'path', message: 'give the path of the file to write' }];
      const found = files.at(path);
      if (found?.kind === 'directory')
        return [{ field: 'path', message: 'this is a directory: write the path of a file in it' }];
      if (found?.kind === 'other') return [{ field: 'path', message: 'this is no file' }];
      if (found?.kind === 'file' && values.overwrite !== 'yes')
        return [{ field: 'overwrite', message: 'there is a file already: switch this on to overwrite it' }];
      return [];
    },
    submit: async (values) => {
      const path = pathOf(values) ?? '';
      const found = await lookAt(path);
      if (found.kind === 'directory' || found.kind === 'other')
        return { ok: false, text: `${path} is no file` };
      if (found.kind === 'file' && values.overwrite !== 'yes')
        return { ok: false, text: `${path} is there already` };
      beginTask(place, {
        title: `download ${volume.name} to ${path}`,
        whenCancelled: 'cancelled; the file that was begun is removed',
        work: async (hypervisor, control) => {
          const received = await downloadVolume(hypervisor, volume, path, {
            signal: control.signal,
            progress: (done, total) => control.progress(done, total ?? facts?.physical),
          });
          return `${bytes(received.size)}, ${sumText(received)}`;
        },
      });
      return { ok: true, text: '' };
    },
  };
}
