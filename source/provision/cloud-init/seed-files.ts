import { maskedCommand, maskedDocument } from './mask.js';
import { configDriveMetaData, noCloudMetaData } from './meta-data.js';
import { networkConfig, networkData } from './network-config.js';
import { isMime } from './own-data.js';
import type { CloudInit } from './request.js';
import { userData } from './user-data.js';
import { yamlSafeJson } from './yaml-safe-json.js';

/** What the seed's file system holds. */
export interface SeedFiles {
  /** The volume's id, by which cloud-init finds it. */
  readonly label: 'cidata' | 'config-2';
  /** Contents by their paths. */
  readonly files: ReadonlyMap<string, string>;
}

const layouts: Readonly<Record<CloudInit['datasource'], (cloudInit: CloudInit) => SeedFiles>> = {
  nocloud: (cloudInit) => ({
    label: 'cidata',
    files: present([
      ['meta-data', noCloudMetaData(cloudInit)],
      ['user-data', userData(cloudInit)],
      ['network-config', cloudInit.network === undefined ? undefined : networkConfig(cloudInit.network)],
      ['vendor-data', cloudInit.vendorData],
    ]),
  }),
  configdrive: (cloudInit) => ({
    label: 'config-2',
    files: present([
      ['openstack/latest/meta_data.json', configDriveMetaData(cloudInit)],
      ['openstack/latest/user_data', userData(cloudInit)],
      [
        'openstack/latest/network_data.json',
        cloudInit.network === undefined ? undefined : networkData(cloudInit.network),
      ],
      [
        'openstack/latest/vendor_data.json',
        // OpenStack's vendor data is of many programs; this is the place of cloud-init's.
        cloudInit.vendorData === undefined ? undefined : yamlSafeJson({ 'cloud-init': cloudInit.vendorData }),
      ],
    ]),
  }),
};

/** The files of the seed, secrets in clear: for the ISO and nothing else. */
export function seedFiles(cloudInit: CloudInit): SeedFiles {
  return layouts[cloudInit.datasource](cloudInit);
}

/** The files as they may be printed: `********` in place of hashes, passwords, private keys and tokens. */
export function maskedSeedFiles(cloudInit: CloudInit): SeedFiles {
  const { user, extra, network, vendorData } = cloudInit;
  const { label, files } = seedFiles({
    ...cloudInit,
    user: user?.passwordHash === undefined ? user : { ...user, passwordHash: '********' },
    commands: cloudInit.commands.map(maskedCommand),
    extra: extra && { ...extra, text: maskedDocument(extra.text) },
    network: network && 'text' in network ? { text: maskedDocument(network.text) } : network,
    vendorData: vendorData === undefined ? undefined : maskedDocument(vendorData),
  });
  // Parts of an archive are shown decoded.
  return {
    label,
    files: new Map([...files].map(([path, text]) => [path, isMime(text) ? maskedDocument(text) : text])),
  };
}

function present(entries: readonly (readonly [string, string | undefined])[]): ReadonlyMap<string, string> {
  return new Map(entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}
