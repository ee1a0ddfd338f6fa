import type { Pool } from '../../../inventory/object-types.js';
import {
  type FoundSource,
  type PoolField,
  type PoolSpec,
  type PoolType,
  poolFields,
  poolTypes,
  poolXml,
} from '../../../libvirt/xml/pool-xml.js';
import type { Field, Form, Problem, Values } from '../../kit/form/form.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { describedPool } from './pool-facts.js';
import { findable, SourceFinder, type SourceSearch, sourceText } from './source-finder.js';

const typeTexts: Readonly<Record<PoolType, string>> = {
  dir: 'dir: a directory',
  fs: 'fs: a device with a file system',
  netfs: 'netfs: an export of a file server',
  logical: 'logical: an LVM volume group',
  disk: 'disk: a whole disk, its partitions',
  iscsi: 'iscsi: an iSCSI target',
  rbd: 'rbd: a Ceph pool',
  zfs: 'zfs: a ZFS pool',
  gluster: 'gluster: a Gluster volume',
};

interface FieldText {
  readonly label: string;
  readonly hint?: string;
}

/** Labels of a source's parts: for most types, and the exceptions. */
const usualTexts: Readonly<Record<PoolField, FieldText>> = {
  path: { label: 'Target path', hint: 'where its volumes appear' },
  host: { label: 'Server', hint: 'name or address' },
  dir: { label: 'Exported path', hint: 'e.g. /export/vm' },
  device: { label: 'Device', hint: 'e.g. /dev/sdb' },
  sourceName: { label: 'Source name' },
  format: { label: 'Format', hint: 'left out: found by the host' },
};

const typeFieldTexts: Readonly<Partial<Record<PoolType, Partial<Record<PoolField, FieldText>>>>> = {
  dir: { path: { label: 'Directory', hint: 'e.g. /var/lib/libvirt/images' } },
  fs: { path: { label: 'Mount point' }, device: { label: 'Device', hint: 'e.g. /dev/sdb1' } },
  netfs: { path: { label: 'Mount point', hint: 'e.g. /mnt/vm' } },
  logical: {
    sourceName: { label: 'Volume group', hint: 'e.g. vg0' },
    device: { label: 'Device', hint: 'to make the group on; left out: it exists' },
  },
  disk: { path: { label: 'Target path', hint: 'left out: /dev' }, format: { label: 'Partition table' } },
  iscsi: {
    device: { label: 'Target', hint: 'e.g. iqn.2013-06.com.example:vm' },
    path: { label: 'Target path', hint: 'left out: /dev/disk/by-path' },
  },
  rbd: { host: { label: 'Monitor', hint: 'name or address' }, sourceName: { label: 'Ceph pool' } },
  zfs: { sourceName: { label: 'ZFS pool' }, device: { label: 'Device', hint: 'to make the pool on' } },
  gluster: { sourceName: { label: 'Gluster volume' }, dir: { label: 'Path in it', hint: 'left out: /' } },
};

/** Formats that libvirt knows of a source, for types that have one. */
const formats: Readonly<Partial<Record<PoolType, readonly string[]>>> = {
  fs: ['', 'ext4', 'xfs', 'ext3', 'ext2', 'vfat', 'ntfs', 'iso9660'],
  netfs: ['', 'nfs', 'cifs', 'glusterfs'],
  disk: ['', 'gpt', 'dos', 'lvm2', 'mac', 'bsd', 'sun', 'dvh', 'pc98'],
};

const manual = '';
const askHost = 'ask';

/** The form of a new pool of any type. */
export function poolForm(host: ScreenHost, connectionId: string, existing: readonly Pool[]): Form {
  const { inventory } = host;
  const finder = new SourceFinder((call) => inventory.ask(connectionId, call), host.redraw);
  /** The search that the person asked for: a server is not asked again at every typed key. */
  let asked: { readonly type: PoolType; readonly server: string } | undefined;
  /** The server to ask, "" where none is needed; undefined where nothing is to be looked for. */
  const wantedServer = (values: Values): string | undefined => {
    const way = findable[typeOf(values)];
    if (way === undefined || (values.source ?? manual) === manual) return undefined;
    const server = way.server ? (values.host ?? '').trim() : '';
    return way.server && server === '' ? undefined : server;
  };
  const searchOf = (values: Values): SourceSearch | undefined => {
    const server = wantedServer(values);
    const type = typeOf(values);
    const isTyped = asked !== undefined && asked.type === type && asked.server !== server;
    return server === undefined || isTyped ? undefined : finder.found(type, server);
  };
  const chosen = (values: Values): FoundSource | undefined => {
    const search = searchOf(values);
    const at = Number(values.source?.replace('found ', ''));
    return search?.state === 'found' && values.source !== askHost ? search.sources[at] : undefined;
  };
  return {
    id: `new pool ${connectionId}`,
    title: 'New storage pool',
    initial: { name: '', type: 'dir', source: manual, autostart: 'yes', start: 'yes', build: 'no' },
    action: 'Create',
    fields: (values) => fieldsOf(values, searchOf(values), chosen(values)),
    read: (values) => {
      const type = typeOf(values);
      const server = wantedServer(values);
      const isManual = findable[type] === undefined || (values.source ?? manual) === manual;
      if (isManual) asked = undefined;
      // Back to typing: what failed may be tried again.
      if ((values.source ?? manual) === manual) finder.forgetFailures();
      if (server === undefined) return;
      if (asked?.type !== type) asked = { type, server };
      if (asked.server === server) finder.search(type, server);
    },
    problems: (values) => problemsOf(values, searchOf(values), chosen(values), existing),
    preview: (values) =>
      poolXml(specOf(values, chosen(values)))
        .trimEnd()
        .split('\n'),
    submit: async (values) => {
      const spec = specOf(values, chosen(values));
      const flags = { build: values.build, start: values.start, autostart: values.autostart };
      return inventory.operate(connectionId, {
        pending: 'creating',
        done: `pool ${spec.name}: created`,
        failed: `pool ${spec.name}: create failed`,
        call: async ({ pools }) => {
          const pool = await pools.define(poolXml(spec));
          try {
            if (flags.build === 'yes') await pools.build(pool);
            if (flags.start === 'yes') await pools.start(pool);
            if (flags.autostart === 'yes') await pools.setAutostart(pool, true);
          } catch (error) {
            // Half a pool would be in the way of the next attempt.
            await pools.stop(pool).catch(() => {});
            await pools.undefine(pool).catch(() => {});
            throw error;
          }
        },
      });
    },
  };
}

function typeOf(values: Values): PoolType {
  return poolTypes.find((type) => type === values.type) ?? 'dir';
}

function fieldsOf(
  values: Values,
  search: SourceSearch | undefined,
  source: FoundSource | undefined,
): readonly Field[] {
  const type = typeOf(values);
  const { needs, may } = poolFields[type];
  const parts = [...needs, ...may].filter(
    (part) => source?.[part as keyof FoundSource] === undefined || part === 'host',
  );
  // A server is what sources are looked for at: it comes before them.
  const first = parts.filter((part) => part === 'host');
  const rest = parts.filter((part) => part !== 'host');
  return [
    { id: 'name', label: 'Name', kind: 'text' },
    {
      id: 'type',
      label: 'Type',
      kind: 'choice',
      choices: poolTypes.map((value) => ({ value, text: typeTexts[value] })),
    },
    ...first.map((part) => partField(type, part)),
    ...(findable[type] === undefined ? [] : [sourceField(values, search)]),
    ...rest.map((part) => partField(type, part)),
    { id: 'build', label: 'Build', kind: 'toggle', hint: 'make its directory, format its device' },
    { id: 'start', label: 'Start now', kind: 'toggle' },
    { id: 'autostart', label: 'Autostart', kind: 'toggle', hint: 'start it with the host' },
  ];
}

function partField(type: PoolType, part: PoolField): Field {
  const text = typeFieldTexts[type]?.[part] ?? usualTexts[part];
  const choices = part === 'format' ? formats[type] : undefined;
  if (choices === undefined) return { id: part, kind: 'text', ...text };
  return {
    id: part,
    kind: 'choice',
    ...text,
    choices: choices.map((value) => ({ value, text: value === '' ? 'automatic' : value })),
  };
}

/** Typed by hand, or one of those that the host finds when it is asked. */
function sourceField(values: Values, search: SourceSearch | undefined): Field {
  const found = search?.state === 'found' ? search.sources : [];
  const hint = values.source === manual ? 'or let the host look for sources' : searchText(search);
  return {
    id: 'source',
    label: 'Source',
    kind: 'choice',
    hint,
    choices: [
      { value: manual, text: 'type it below' },
      { value: askHost, text: 'find sources' },
      ...found.map((source, at) => ({ value: `found ${at}`, text: sourceText(source) })),
    ],
  };
}

function searchText(search: SourceSearch | undefined): string {
  if (search === undefined) return 'enter the server first, then choose this again';
  if (search.state === 'looking') return 'looking';
  if (search.state === 'failed') return search.reason;
  return `${search.sources.length} found`;
}

function specOf(values: Values, source: FoundSource | undefined): PoolSpec {
  const type = typeOf(values);
  const { needs, may } = poolFields[type];
  const parts = Object.fromEntries(
    [...needs, ...may].map((part) => {
      const typed = (values[part] ?? '').trim();
      const found = part === 'path' ? undefined : source?.[part];
      return [part, part === 'host' ? typed : (found ?? typed)];
    }),
  );
  return { name: (values.name ?? '').trim(), type, ...parts };
}

const missing: Readonly<Record<PoolField, string>> = {
  path: 'give the path, for example /var/lib/libvirt/images',
  host: 'give the name or the address of the server',
  dir: 'give the path that the server exports',
  device: 'give the device or the target',
  sourceName: 'give the name',
  format: 'choose a format',
};

function problemsOf(
  values: Values,
  search: SourceSearch | undefined,
  source: FoundSource | undefined,
  existing: readonly Pool[],
): readonly Problem[] {
  const problems: Problem[] = [];
  const spec = specOf(values, source);
  const { name, type, path } = spec;
  if (name === '') problems.push({ field: 'name', message: 'give it a name' });
  else if (name.includes('/')) problems.push({ field: 'name', message: 'a name has no slash' });
  else if (existing.some((pool) => pool.name === name))
    problems.push({ field: 'name', message: `there is a pool ${name} already` });
  if (findable[type] !== undefined && values.source !== manual && source === undefined) {
    const message =
      search?.state === 'failed'
        ? `nothing was found: ${search.reason}`
        : 'choose one of the sources that were found, or type it';
    problems.push({ field: 'source', message });
  }
  for (const part of poolFields[type].needs)
    if ((spec[part] ?? '') === '' && !problems.some(({ field }) => field === 'source'))
      problems.push({ field: part, message: missing[part] });
  if (path && !path.startsWith('/'))
    problems.push({ field: 'path', message: 'a path on the host begins with a slash' });
  const other = existing.find((pool) => path && describedPool(pool)?.path === path);
  if (other !== undefined && type === 'dir')
    problems.push({ field: 'path', message: `this is the place of the pool ${other.name}` });
  return problems;
}
