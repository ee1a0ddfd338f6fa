import { connectionTypes } from './connection-types.js';

/** Who logs in where; what is "" is left to ssh. */
export interface SshLogin {
  readonly host: string;
  readonly user: string;
  readonly port: string;
}

/** The URI of a driver on another machine, e.g. of "qemu:///system": qemu+ssh://root@lab2/system. */
export function uriOverSsh(uri: string, { host, user, port }: SshLogin): string {
  const [driver = '', path = ''] = uri.split(':///');
  const place = host.includes(':') ? `[${host.replaceAll('%', '%25')}]` : encodeURIComponent(host);
  const who = user === '' ? '' : `${encodeURIComponent(user)}@`;
  return `${driver}+ssh://${who}${place}${port === '' ? '' : `:${port}`}/${path}`;
}

/** The fields that make exactly this URI; undefined where they cannot say all that is in it. */
export function fieldsOfUri(uri: string): Readonly<Record<string, string>> | undefined {
  const local = connectionTypes.find((type) => type.uri === uri);
  if (local !== undefined) return { type: local.id, ssh: 'no' };
  const parts = /^([a-z]+)\+ssh:\/\/(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]+)(?::(\d+))?\/([^?#]*)$/.exec(uri);
  const [, driver = '', user = '', host = '', port = '', path = ''] = parts ?? [];
  const type = connectionTypes.find((one) => one.isLocal !== true && one.uri === `${driver}:///${path}`);
  if (type?.uri === undefined) return undefined;
  const login = { host: decoded(host.replace(/^\[(.*)\]$/, '$1')), user: decoded(user), port };
  return uriOverSsh(type.uri, login) === uri ? { type: type.id, ssh: 'yes', ...login } : undefined;
}

/** "root@lab2:2222", as people know it, in its parts; what it does not say stays as it is. */
export function splitHost({ host, user, port }: SshLogin): SshLogin {
  const parts = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:@]+)(?::(\d+))?$/.exec(host);
  if (parts === null) return { host, user, port };
  return {
    host: (parts[2] ?? '').replace(/^\[(.*)\]$/, '$1'),
    user: parts[1] ?? user,
    port: parts[3] ?? port,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
