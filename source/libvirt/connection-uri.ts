import type { Endpoint, EndpointOption } from '../transport/endpoint.js';
import { LibvirtError } from './errors.js';

/** A libvirt URI, taken apart. */
export interface ConnectionUri {
  /** As it was given. */
  readonly text: string;
  /** What CONNECT_OPEN takes: without transport, host and the client's own parameters. */
  readonly name: string;
  readonly endpoint: Endpoint;
}

const transports = ['unix', 'ssh', 'tls', 'tcp', 'ext', 'libssh', 'libssh2'] as const;
const modes = ['auto', 'direct', 'legacy'] as const;

/** Parameters that the client keeps to itself; everything else is passed on inside the name. */
const endpointOptions: readonly EndpointOption[] = [
  'proxy',
  'netcat',
  'keyfile',
  'command',
  'no_verify',
  'no_tty',
  'known_hosts',
  'pkipath',
  'auth',
  'authfile',
];
const clientParameters = new Set<string>([
  ...endpointOptions,
  'name',
  'mode',
  'socket',
  'known_hosts_verify',
  'sshauth',
  'tls_priority',
  'no_sanity',
]);

/** scheme[+transport]:[//[user@][host][:port]]path[?query][#…]; a host may be an IPv6 address in brackets. */
const shape =
  /^(?<driver>[a-z][a-z0-9.-]*)(?:\+(?<transport>[a-z0-9]+))?:(?:\/\/(?:(?<user>[^@/?#]*)@)?(?<host>\[[^\]]*\]|[^:/?#]*)(?::(?<port>\d+))?(?=[/?#]|$)|(?!\/\/))(?<path>[^?#]*)(?:\?(?<query>[^#]*))?(?<fragment>#.*)?$/i;

/**
 * Takes a libvirt URI apart; the empty one leaves the choice of the driver to the daemon. Throws LibvirtError
 * (kind `connect`) that says what is wrong with it.
 *
 * @param defaults.mode `remote_mode` of libvirt.conf
 */
export function parseConnectionUri(
  text: string,
  defaults: { readonly mode?: Endpoint['mode']; readonly euid?: number; readonly readOnly?: boolean } = {},
): ConnectionUri {
  const readOnly = defaults.readOnly ?? false;
  const mode = defaults.mode ?? 'auto';
  if (text === '') {
    // Root means the system, anybody else their own session (remoteConnectOpen of the C client).
    const scope = (defaults.euid ?? 0) === 0 ? 'system' : 'session';
    return {
      text,
      name: '',
      endpoint: { transport: 'unix', driver: '', scope, readOnly, mode, name: '', options: {} },
    };
  }
  if (/%00|\0/.test(text)) throw invalid(text, 'there is a NUL in it');
  const parts = shape.exec(text)?.groups;
  if (parts === undefined)
    throw invalid(text, 'it is not of the form driver[+transport]://[user@][host]/path');
  // No path, name of a host or word of a command line holds it.
  if (/\0|%00/.test(text)) throw invalid(text, 'it holds a NUL');
  const driver = (parts.driver ?? '').toLowerCase();
  const host = percentDecode((parts.host ?? '').replace(/^\[(.*)\]$/, '$1')) || undefined;
  const transport = (parts.transport ?? (host === undefined ? 'unix' : 'tls')).toLowerCase();
  if (!isOneOf(transports, transport)) throw invalid(text, `"${transport}" is not a transport`);
  if (transport === 'unix' && host !== undefined) throw invalid(text, 'a unix socket has no host');
  const path = parts.path ?? '';
  const port = Number(parts.port ?? 0);
  if (port > 65_535) throw invalid(text, `there is no port ${port}`);
  const query = parseQuery(parts.query ?? '');
  // libvirt reads its own parameters without regard to case; of two with one name, the last one counts.
  const parameters = new Map(query.map(([key, value]) => [key.toLowerCase(), value]));
  const empty = ['socket', 'command', 'known_hosts'].find((key) => parameters.get(key) === '');
  if (empty !== undefined) throw invalid(text, `${empty}= is empty`);
  const wantedMode = parameters.get('mode') ?? mode;
  if (!isOneOf(modes, wantedMode))
    throw invalid(text, `mode must be auto, direct or legacy, not "${wantedMode}"`);
  const isTest = driver === 'test' && parts.transport !== undefined;
  const name = parameters.get('name') ?? nameOf(driver, path, query) + (parts.fragment ?? '');
  const options = Object.fromEntries(
    endpointOptions.flatMap((key) => (parameters.has(key) ? [[key, parameters.get(key)]] : [])),
  );
  checkProxy(text, transport, wantedMode, options);
  if (driver === 'qemu' && !parameters.has('name')) checkQemuPath(text, path);
  return {
    text,
    name,
    endpoint: {
      transport,
      driver: driver === 'remote' ? '' : driver,
      scope: path === '/session' || isTest ? 'session' : 'system',
      readOnly,
      mode: wantedMode,
      user: percentDecode(parts.user ?? '') || undefined,
      host,
      port: port || undefined,
      socket: parameters.get('socket'),
      name,
      options,
    },
  };
}

/** What libvirt refuses as well, with its reasons (remote_sockets.c, remote_driver.c). */
function checkProxy(
  text: string,
  transport: Endpoint['transport'],
  mode: Endpoint['mode'],
  { proxy, netcat }: Endpoint['options'],
): void {
  const overSsh = transport === 'ssh' || transport === 'libssh' || transport === 'libssh2';
  if (overSsh && mode === 'direct') throw invalid(text, 'mode=direct does not go over ssh');
  if (proxy !== undefined && !isOneOf(['auto', 'netcat', 'native'], proxy))
    throw invalid(text, `proxy must be auto, netcat or native, not "${proxy}"`);
  if (proxy === 'native' && netcat !== undefined) throw invalid(text, 'proxy=native has no netcat');
}

/** The daemon would refuse it (virConnectValidateURIPath); a socket that is not there is not what is wrong. */
function checkQemuPath(text: string, path: string): void {
  if (['/system', '/session', '/embed'].includes(path)) return;
  const given = path === '' || path === '/' ? 'it has no path' : `QEMU has no path ${path}`;
  throw invalid(text, `${given}: /system is the host's, /session your own`);
}

function nameOf(driver: string, path: string, parameters: readonly Parameter[]): string {
  if (driver === 'remote') return '';
  const query = parameters
    .filter(([key]) => !clientParameters.has(key.toLowerCase()))
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${driver}://${path}${query === '' ? '' : `?${query}`}`;
}

type Parameter = readonly [key: string, value: string];

/** As virURIParseParams does: separated by &, and after the last & by ; as well. */
function parseQuery(query: string): Parameter[] {
  const ampersands = query.split('&');
  return [...ampersands.slice(0, -1), ...(ampersands.at(-1) ?? '').split(';')]
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      const key = at < 0 ? pair : pair.slice(0, at);
      return [percentDecode(key), at < 0 ? '' : percentDecode(pair.slice(at + 1))];
    });
}

/** Percent-decoding that leaves a stray % alone, as libvirt does. */
function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

function invalid(text: string, why: string): LibvirtError {
  return new LibvirtError({
    kind: 'connect',
    message: `the connection URI "${text}" is not valid: ${why}`,
    hint: 'Examples: qemu:///system, qemu:///session, qemu+ssh://user@host/system, lxc:///system.',
  });
}
