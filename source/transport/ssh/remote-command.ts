import type { Endpoint } from '../endpoint.js';

/** What the far side says where there is no way to its daemon: told apart from all that ssh itself says. */
export const noProxyMark = 'virtdeck: neither virt-ssh-helper nor';

/**
 * The command that ssh runs on the other machine: virt-ssh-helper where it is there (it finds the socket itself
 * and starts a session's daemon), else netcat on the socket. It goes through the login shell of whoever logs
 * in, so all of it is one `sh -c '…'`, as libvirt's client does it.
 */
export function remoteCommand(endpoint: Endpoint): string {
  return `sh -c ${quote(script(endpoint))}`;
}

function script(endpoint: Endpoint): string {
  const { options, socket } = endpoint;
  const proxy = options.proxy ?? (socket !== undefined || options.netcat !== undefined ? 'netcat' : 'auto');
  const native = `exec virt-ssh-helper ${endpoint.readOnly ? '-r ' : ''}${quote(endpoint.name)}`;
  if (proxy === 'native') return native;
  const netcat = netcatScript(endpoint, quote(options.netcat ?? 'nc'));
  return proxy === 'netcat'
    ? netcat
    : `if command -v virt-ssh-helper >/dev/null 2>&1; then ${native}; fi; ${netcat}`;
}

/** Debian's netcat-openbsd needs -q0 to end with its input; others do not know the option. */
function netcatScript(endpoint: Endpoint, program: string): string {
  return [
    `command -v ${program} >/dev/null 2>&1 || { echo ${quote(`${noProxyMark} ${endpoint.options.netcat ?? 'nc'}`)} >&2; exit 127; }`,
    socketScript(endpoint),
    `if ${program} -q 2>&1 | grep "requires an argument" >/dev/null 2>&1; then exec ${program} -q0 -U "$s"; fi`,
    `exec ${program} -U "$s"`,
  ].join('; ');
}

/** Leaves the path of the socket in `s`: the driver's own daemon's where it is there, else libvirtd's. */
function socketScript({ socket, scope, driver, mode, readOnly }: Endpoint): string {
  // Nothing that netcat could take for an option.
  if (socket !== undefined) return `s=${quote(socket.startsWith('-') ? `./${socket}` : socket)}`;
  const suffix = readOnly ? '-ro' : '';
  const system = `d=/var/run/libvirt; r=${suffix}`;
  // Root has no session of its own, and a session no read-only socket.
  const own =
    'd="$XDG_RUNTIME_DIR"; [ -n "$d" ] || d="$XDG_CACHE_HOME"; [ -n "$d" ] || d="$HOME/.cache"; d="$d/libvirt"; r=';
  const folder = scope === 'session' ? `if [ "$(id -u)" = 0 ]; then ${system}; else ${own}; fi` : system;
  const direct = `$d/virt${/^[a-z]+$/.test(driver) ? driver : 'qemu'}d-sock$r`;
  const legacy = '$d/libvirt-sock$r';
  if (mode === 'legacy') return `${folder}; s="${legacy}"`;
  if (mode === 'direct') return `${folder}; s="${direct}"`;
  return `${folder}; s="${direct}"; if ! [ -S "$s" ]; then s="${legacy}"; fi`;
}

/** A word for a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
