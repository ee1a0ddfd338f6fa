/** What a URL names, without who asks, by which transport, and with the usual port. */
export function urlPlace(text: string): string {
  try {
    const { protocol, hostname, port, pathname, search } = new URL(text);
    const scheme = protocol.slice(0, -1);
    const kind = scheme.replace(/\+.*$/, '').replace(/^iser$/, 'iscsi');
    const path = decodeURIComponent(pathname)
      .replace(/^\/+/, '')
      .replace(/\/{2,}/g, '/');
    return networkPlace(kind, hostname || (new URLSearchParams(search).get('socket') ?? ''), port, path);
  } catch {
    return text;
  }
}

const usualPorts: Readonly<Record<string, string>> = { nbd: '10809', gluster: '24007', iscsi: '3260' };

/**
 * An image that a server holds.
 *
 * @param kind libvirt's name of the protocol: "rbd", "gluster", "iscsi", "nbd", …
 * @param host its name or address, or the path of its socket; "" where it is not told
 * @param name as the server knows it: "pool/image", "volume/path", "iqn…/lun"
 */
export function networkPlace(kind: string, host: string, port: string, name: string): string {
  const path = name.replace(/^\/+/, '');
  // Which monitor of a cluster is asked does not matter.
  if (kind === 'rbd') return `rbd:${path}`;
  const portNumber = port || usualPorts[kind] || '';
  if (kind === 'iscsi') {
    const [target = '', lun = ''] = path.split('/');
    return iscsiPlace(`${host}:${portNumber}`, target, lun);
  }
  const server = host.startsWith('/') || portNumber === '' ? host : `${host}:${portNumber}`;
  return `${kind}:${server}/${path}`;
}

/** udev's name of an iSCSI disk, which libvirt uses as well, tells server, target and LUN. */
export function iscsiPath(path: string): string | undefined {
  const [, portal = '', target = '', lun = ''] =
    /^(?:\/dev\/disk\/by-path\/)?ip-(.+)-iscsi-(.+)-lun-(\d+)$/.exec(path) ?? [];
  return target === '' ? undefined : iscsiPlace(portal, target, lun);
}

/** A LUN of a target. @param portal "host" or "host:port" @param lun "" where it is not told: 0 */
export function iscsiPlace(portal: string, target: string, lun: string): string {
  return `iscsi:${/:\d+$/.test(portal) ? portal : `${portal}:3260`}/${target}/${lun || '0'}`;
}
