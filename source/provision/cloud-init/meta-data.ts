import { parsePublicKey } from './public-key.js';
import type { CloudInit } from './request.js';
import { yamlSafeJson } from './yaml-safe-json.js';

/** The meta-data file of NoCloud: YAML, of which JSON is a part. */
export function noCloudMetaData(cloudInit: CloudInit): string {
  const keys = keysForDefaultUser(cloudInit);
  return yamlSafeJson({
    'instance-id': cloudInit.instanceId,
    'local-hostname': cloudInit.fqdn ?? cloudInit.hostname,
    ...(keys.length === 0 ? {} : { 'public-keys': keys }),
  });
}

/** openstack/latest/meta_data.json of a config drive (cloudinit/sources/helpers/openstack.py). */
export function configDriveMetaData(cloudInit: CloudInit): string {
  const { instanceId, hostname, fqdn } = cloudInit;
  const keys = keysForDefaultUser(cloudInit);
  return yamlSafeJson({
    uuid: instanceId,
    hostname: fqdn ?? hostname,
    name: hostname,
    launch_index: 0,
    ...(keys.length === 0
      ? {}
      : { public_keys: Object.fromEntries(keys.map((key, index) => [`key-${index}`, key])) }),
  });
}

/**
 * Keys in the meta-data go to the image's own user, and to root with a line that sends people away. So they are
 * here only where no user-data of ours says whose they are.
 */
function keysForDefaultUser({ user, extra }: CloudInit): readonly string[] {
  if (extra?.mode !== 'alone') return [];
  return (user?.keys ?? []).map((key) => {
    const parsed = parsePublicKey(key);
    return 'type' in parsed ? parsed.text : key.trim();
  });
}
