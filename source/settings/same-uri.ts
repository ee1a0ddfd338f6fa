/** scheme:[//[userinfo@]host[:port]]path[?query] */
const shape = /^([a-z][a-z0-9.-]*(?:\+[a-z0-9]+)?):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?$/i;

/** The ports that libvirt takes where a URI has none, by transport. */
const usualPorts: Readonly<Record<string, string>> = { ssh: '22', libssh2: '22', tls: '16514', tcp: '16509' };

/** True when two URIs lead to the same host and driver, however they are written. */
export function isSameUri(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

/** Parts that libvirt reads without regard to case, defaults that are left out, and the order of parameters. */
function normal(uri: string): string {
  const parts = shape.exec(uri);
  if (parts === null) return uri;
  const [, scheme = '', authority = '', path = '', query = ''] = parts;
  const [driver = '', given] = scheme.toLowerCase().split('+');
  const at = authority.lastIndexOf('@') + 1;
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at)) ?? [];
  const transport = given ?? (host === '' ? 'unix' : 'tls');
  const kept = port === usualPorts[transport] ? '' : port;
  const parameters = query.split('&').filter((parameter) => parameter !== '');
  const where = path.length > 1 ? path.replace(/\/$/, '') : path;
  return JSON.stringify([
    driver,
    transport,
    authority.slice(0, at),
    host.toLowerCase(),
    kept,
    where,
    parameters.sort(),
  ]);
}
