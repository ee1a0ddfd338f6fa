import { refuse } from '../errors.js';
import type { Entry } from './dispatch-table.js';
import type { Caller, ProcedureName } from './handler.js';

/** What a client may call before CONNECT_OPEN. */
const beforeOpen: ReadonlySet<ProcedureName> = new Set([
  'AUTH_LIST',
  'AUTH_POLKIT',
  'CONNECT_OPEN',
  'CONNECT_CLOSE',
  'CONNECT_SUPPORTS_FEATURE',
]);

/** What changes something: refused on a read-only connection under the name of the public function. */
const writes: { readonly [K in ProcedureName]?: string } = {
  DOMAIN_CREATE: 'virDomainCreate',
  DOMAIN_CREATE_WITH_FLAGS: 'virDomainCreateWithFlags',
  DOMAIN_CREATE_XML: 'virDomainCreateXML',
  DOMAIN_DEFINE_XML: 'virDomainDefineXML',
  DOMAIN_DEFINE_XML_FLAGS: 'virDomainDefineXMLFlags',
  DOMAIN_UNDEFINE: 'virDomainUndefine',
  DOMAIN_UNDEFINE_FLAGS: 'virDomainUndefineFlags',
  DOMAIN_SHUTDOWN: 'virDomainShutdown',
  DOMAIN_SHUTDOWN_FLAGS: 'virDomainShutdownFlags',
  DOMAIN_REBOOT: 'virDomainReboot',
  DOMAIN_RESET: 'virDomainReset',
  DOMAIN_DESTROY: 'virDomainDestroy',
  DOMAIN_DESTROY_FLAGS: 'virDomainDestroyFlags',
  DOMAIN_SUSPEND: 'virDomainSuspend',
  DOMAIN_RESUME: 'virDomainResume',
  DOMAIN_PM_SUSPEND_FOR_DURATION: 'virDomainPMSuspendForDuration',
  DOMAIN_PM_WAKEUP: 'virDomainPMWakeup',
  DOMAIN_MANAGED_SAVE: 'virDomainManagedSave',
  DOMAIN_MANAGED_SAVE_REMOVE: 'virDomainManagedSaveRemove',
  DOMAIN_SET_AUTOSTART: 'virDomainSetAutostart',
  DOMAIN_SET_MEMORY: 'virDomainSetMemory',
  DOMAIN_SET_MEMORY_FLAGS: 'virDomainSetMemoryFlags',
  DOMAIN_SET_METADATA: 'virDomainSetMetadata',
  DOMAIN_RENAME: 'virDomainRename',
  DOMAIN_OPEN_CONSOLE: 'virDomainOpenConsole',
  CONNECT_FIND_STORAGE_POOL_SOURCES: 'virConnectFindStoragePoolSources',
  NETWORK_DEFINE_XML: 'virNetworkDefineXML',
  NETWORK_DEFINE_XML_FLAGS: 'virNetworkDefineXMLFlags',
  NETWORK_CREATE_XML: 'virNetworkCreateXML',
  NETWORK_CREATE_XML_FLAGS: 'virNetworkCreateXMLFlags',
  NETWORK_CREATE: 'virNetworkCreate',
  NETWORK_DESTROY: 'virNetworkDestroy',
  NETWORK_UNDEFINE: 'virNetworkUndefine',
  NETWORK_SET_AUTOSTART: 'virNetworkSetAutostart',
  NETWORK_UPDATE: 'virNetworkUpdate',
  STORAGE_POOL_DEFINE_XML: 'virStoragePoolDefineXML',
  STORAGE_POOL_CREATE_XML: 'virStoragePoolCreateXML',
  STORAGE_POOL_CREATE: 'virStoragePoolCreate',
  STORAGE_POOL_BUILD: 'virStoragePoolBuild',
  STORAGE_POOL_DESTROY: 'virStoragePoolDestroy',
  STORAGE_POOL_DELETE: 'virStoragePoolDelete',
  STORAGE_POOL_UNDEFINE: 'virStoragePoolUndefine',
  STORAGE_POOL_REFRESH: 'virStoragePoolRefresh',
  STORAGE_POOL_SET_AUTOSTART: 'virStoragePoolSetAutostart',
  STORAGE_VOL_CREATE_XML: 'virStorageVolCreateXML',
  STORAGE_VOL_CREATE_XML_FROM: 'virStorageVolCreateXMLFrom',
  STORAGE_VOL_DELETE: 'virStorageVolDelete',
  STORAGE_VOL_WIPE: 'virStorageVolWipe',
  STORAGE_VOL_WIPE_PATTERN: 'virStorageVolWipePattern',
  STORAGE_VOL_RESIZE: 'virStorageVolResize',
  STORAGE_VOL_UPLOAD: 'virStorageVolUpload',
  STORAGE_VOL_DOWNLOAD: 'virStorageVolDownload',
};

/** Throws when the client may not call this now. */
export function checkAccess({ name }: Entry, caller: Caller): void {
  if (caller.uri === undefined && !beforeOpen.has(name)) throw refuse.internal('connection not open');
  const writer = writes[name];
  if (caller.readOnly && writer !== undefined) throw refuse.readOnly(writer);
}
