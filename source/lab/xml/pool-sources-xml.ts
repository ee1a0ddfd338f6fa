import { refuseStorage as refuse } from '../errors.js';
import { poolTypes } from '../world/storage/pool-types.js';
import { attribute, child, element, parseXml, printXml, type XmlNode } from './tree.js';

/** The file server that the host knows, and what it exports. */
const server = 'nas.example';
const exports = ['/export/vm', '/export/iso', '/export/home'];
/** The host's volume groups: device and name. */
const groups = [
  ['/dev/sdb', 'vg0'],
  ['/dev/sdc', 'vg_backup'],
] as const;

type Finder = (host: string | undefined) => XmlNode[];

/** The types that can be asked what sources there are. */
const finders: Readonly<Record<string, Finder>> = {
  netfs: (host) => exportsOf(needed(host, 'netfs')),
  iscsi: (host) => {
    const name = needed(host, 'iscsi');
    throw refuse.internal(
      `Child process (/usr/bin/iscsiadm --mode discovery --type sendtargets --portal ${name}:3260) unexpected exit status 4`,
    );
  },
  logical: () =>
    groups.map(([device, name]) =>
      element('source', {}, [
        element('device', { path: device }),
        element('name', {}, name),
        element('format', { type: 'lvm2' }),
      ]),
    ),
};

/** What virConnectFindStoragePoolSources finds. Throws as libvirt does where there is nothing to ask. */
export function findSources(type: string, sourceXml: string | undefined): string {
  if (!Object.hasOwn(poolTypes, type)) throw refuse.internal(`unknown storage pool type ${type}`);
  const finder = finders[type];
  if (finder === undefined) throw refuse.noSupport(`pool type '${type}' does not support source discovery`);
  const source = sourceXml === undefined ? undefined : parseXml(sourceXml, 'source', refuse.xml);
  const found = finder(attribute(child(source, 'host'), 'name'));
  return `${printXml([element('sources', {}, found)], 0)}\n`;
}

function exportsOf(host: string): XmlNode[] {
  if (host !== server) throw refuse.failed(`no storage pools were found on host '${host}'`);
  return exports.map((path) =>
    element('source', {}, [
      element('host', { name: host }),
      element('dir', { path }),
      element('format', { type: 'nfs' }),
    ]),
  );
}

function needed(host: string | undefined, type: string): string {
  if (host === undefined) throw refuse.invalidArg(`hostname must be specified for ${type} sources`);
  return host;
}
