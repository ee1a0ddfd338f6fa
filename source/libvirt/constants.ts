/** Flags and numbers of libvirt's public API, under the names of its headers in this program's writing. */

export const ConnectFlag = { readOnly: 1 } as const;

/** Feature numbers of CONNECT_SUPPORTS_FEATURE. */
export const Feature = {
  keepalive: 10,
  eventCallback: 14,
  closeCallback: 15,
  networkUpdateOrder: 16,
} as const;

/** virConnectListAllDomainsFlags */
export const ListDomains = {
  active: 1,
  inactive: 2,
  transient: 8,
  running: 16,
  paused: 32,
  shutOff: 64,
  managedSave: 256,
  autostart: 1024,
} as const;

/** virDomainStatsTypes */
export const StatsType = { state: 1, cpu: 2, balloon: 4, vcpu: 8, interface: 16, block: 32 } as const;

/** virConnectGetAllDomainStatsFlags: report what can be had without waiting for a busy domain. */
export const statsNoWait = 0x2000_0000;

/** virDomainXMLFlags */
export const XmlFlag = { inactive: 2 } as const;

/** virDomainInterfaceAddressesSource */
export const AddressSourceNumber = { lease: 0, agent: 1, arp: 2 } as const;

/** virConnectDomainEventAgentLifecycleState */
export const agentConnected = 1;

/** Auth types of AUTH_LIST. */
export const AuthType = { none: 0, sasl: 1, polkit: 2 } as const;

/** The most objects that one list answer may hold (REMOTE_DOMAIN_LIST_MAX and the like). */
export const listLimit = 16_384;

/** The most typed parameters of one record of the bulk statistics. */
export const statsParamsLimit = 262_144;

/** virErrorNumber values that this program tells apart (include/libvirt/virterror.h). */
export const ErrorCode = {
  internal: 1,
  noSupport: 3,
  noConnect: 5,
  invalidArg: 8,
  operationFailed: 9,
  operationDenied: 29,
  systemError: 38,
  rpc: 39,
  noDomain: 42,
  noNetwork: 43,
  authFailed: 45,
  noPool: 49,
  noVolume: 50,
  operationInvalid: 55,
  operationTimeout: 68,
  noSnapshot: 72,
  argumentUnsupported: 74,
  operationAborted: 78,
  authCancelled: 79,
  operationUnsupported: 84,
  agentUnresponsive: 86,
  resourceBusy: 87,
  accessDenied: 88,
  volumeExists: 90,
  authUnavailable: 94,
  noBackup: 104,
} as const;
