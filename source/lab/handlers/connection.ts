import { ConnectFlag, Feature } from '../../libvirt/constants.js';
import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import { capabilitiesXml } from '../xml/capabilities-xml.js';
import { domainCapabilitiesXml } from '../xml/domain-capabilities-xml.js';
import { sysinfoXml } from '../xml/host-xml.js';

/** What a client gets that leaves the choice to the daemon. */
const defaultUri = 'qemu:///system';
const noAuthentication = 0;

/** Feature numbers that this host has, beside those that this program knows by name. */
const remoteFeature = 2;
const typedParamStrings = 9;
const networkUpdateOrder = 16;
const features: ReadonlySet<number> = new Set([
  remoteFeature,
  typedParamStrings,
  Feature.keepalive,
  Feature.eventCallback,
  Feature.closeCallback,
  networkUpdateOrder,
]);

/** Opening, closing, and what the host says of itself. */
export const connection: HandlerTable = {
  AUTH_LIST: () => ({ types: [noAuthentication] }),
  CONNECT_SUPPORTS_FEATURE({ feature }, { caller }) {
    if (feature === Feature.keepalive) caller.startKeepalive();
    return { supported: features.has(feature) ? 1 : 0 };
  },
  CONNECT_OPEN({ name, flags }, { caller }) {
    if (caller.uri !== undefined) throw refuse.internal('connection already open');
    if (name !== undefined && name !== '' && !/^(qemu|lab):/.test(name)) throw refuse.noConnect(name);
    caller.uri = name || defaultUri;
    caller.readOnly = (flags & ConnectFlag.readOnly) !== 0;
  },
  CONNECT_CLOSE(_, { caller }) {
    // The reply first: end() waits for what is under way.
    queueMicrotask(() => queueMicrotask(() => caller.end()));
  },
  CONNECT_GET_TYPE: () => ({ type: 'QEMU' }),
  CONNECT_GET_VERSION: (_, { world }) => ({ hv_ver: world.host.hypervisorVersion }),
  CONNECT_GET_LIB_VERSION: (_, { world }) => ({ lib_ver: world.host.libvirtVersion }),
  CONNECT_GET_HOSTNAME: (_, { world }) => ({ hostname: world.host.hostname }),
  CONNECT_GET_URI: (_, { caller }) => ({ uri: caller.uri ?? defaultUri }),
  CONNECT_IS_SECURE: () => ({ secure: 1 }),
  CONNECT_GET_MAX_VCPUS: () => ({ max_vcpus: 288 }),
  CONNECT_GET_CAPABILITIES: (_, { world }) => ({ capabilities: capabilitiesXml(world.host) }),
  CONNECT_GET_DOMAIN_CAPABILITIES: ({ emulatorbin, arch, machine, virttype }) => ({
    capabilities: domainCapabilitiesXml({ emulator: emulatorbin, arch, machine, virttype }),
  }),
  CONNECT_GET_SYSINFO: (_, { world }) => ({ sysinfo: sysinfoXml(world.host) }),
};
