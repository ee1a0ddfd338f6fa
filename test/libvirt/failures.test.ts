import { describe, expect, it } from 'vitest';
import { LibvirtError } from '../../source/libvirt/errors.js';
import { systemDaemonHint, toLibvirtError } from '../../source/libvirt/remote/failures.js';
import { TransportError, type TransportFailure } from '../../source/transport/endpoint.js';
import { RemoteError, WireError, type WireFailure } from '../../source/wire/errors.js';
import { procedures } from '../../source/wire/procedures.js';

const usermod = 'sudo usermod -aG libvirt "$USER"';
const hintOf = (code: number, message = 'x') => toLibvirtError(new RemoteError(code, 10, message, 2)).hint;
const transport = (kind: TransportFailure, scope: 'system' | 'session' = 'system'): LibvirtError =>
  toLibvirtError(new TransportError(kind, 'message', { scope, driver: 'qemu', path: '/sock' }));

describe('an error of the daemon', () => {
  it('keeps code, domain and message', () => {
    const cause = new RemoteError(42, 12, 'Domain not found', 2);
    const error = toLibvirtError(cause);
    expect(error).toBeInstanceOf(LibvirtError);
    expect(error).toMatchObject({
      kind: 'libvirt',
      code: 42,
      domain: 12,
      message: 'Domain not found',
      cause,
    });
  });

  it.each([
    [3, 'this function is not supported by the connection driver: x'],
    [39, 'unknown procedure: 999'],
    [39, 'Cannot find program 536903815 version 1'],
  ])('code %i, "%s", means that there is no such function', (code, message) => {
    expect(toLibvirtError(new RemoteError(code, 7, message, 2))).toMatchObject({
      kind: 'unsupported',
      code: 3,
    });
  });

  it('is cut where it comes in: a host may send megabytes', () => {
    const { message } = toLibvirtError(new RemoteError(1, 10, 'x'.repeat(4_000_000), 2));
    expect(message).toMatch(/^x{4096}…$/);
  });

  it('of the protocol is not mistaken for a missing function', () => {
    expect(toLibvirtError(new RemoteError(39, 7, 'authentication required', 2))).toMatchObject({
      kind: 'libvirt',
      code: 39,
    });
  });
});

describe('failures of the conversation', () => {
  it.each([
    ['decode', 'protocol'],
    ['encode', 'protocol'],
    ['protocol', 'protocol'],
    ['closed', 'closed'],
    ['timeout', 'timeout'],
    ['aborted', 'aborted'],
  ] as const satisfies readonly [WireFailure, string][])('%s', (wire, kind) => {
    expect(toLibvirtError(new WireError(wire, 'text'))).toMatchObject({ kind, code: 0, message: 'text' });
  });

  it('are never anything but a LibvirtError', () => {
    expect(toLibvirtError(new TypeError('oops'))).toMatchObject({ name: 'LibvirtError', kind: 'protocol' });
    const own = new LibvirtError({ kind: 'closed', message: 'x' });
    expect(toLibvirtError(own)).toBe(own);
  });
});

describe('what the person can do', () => {
  it('not in the group libvirt: the usermod line and a new login', () => {
    for (const hint of [
      hintOf(45, "authentication failed: access denied by policy ('polkit')"),
      hintOf(
        94,
        "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
      ),
      hintOf(79, 'authentication cancelled: user cancelled authentication process'),
      transport('permission').hint,
    ]) {
      expect(hint).toContain(usermod);
      expect(hint).toContain('log in again');
    }
  });

  it('no polkit agent: said besides', () => {
    expect(hintOf(94)).toMatch(/polkit agent/);
  });

  it('a session’s socket of somebody else: no group helps', () => {
    expect(transport('permission', 'session').hint).toMatch(/another user/);
  });

  it('no session daemon: how to start it', () => {
    for (const kind of ['socket-missing', 'refused'] as const) {
      expect(transport(kind, 'session').hint).toContain('libvirtd -d');
    }
    expect(transport('daemon-missing', 'session').hint).toContain('apt install');
    expect(transport('daemon-failed', 'session').hint).toContain('libvirtd --verbose');
  });

  it('the daemon does not run: the line that starts it, as this machine is', () => {
    const on = (...files: string[]) => systemDaemonHint('qemu', (path) => files.includes(path));
    const systemd = '/run/systemd/system';
    expect(on('/usr/sbin/libvirtd', systemd)).toContain('sudo systemctl enable --now libvirtd.socket');
    expect(on('/usr/sbin/virtqemud', systemd)).toContain('sudo systemctl enable --now virtqemud.socket');
    expect(on('/usr/sbin/libvirtd')).toContain('sudo libvirtd -d');
    expect(on('/usr/sbin/virtqemud')).toContain('sudo virtqemud -d');
    expect(on(systemd)).toContain('apt install libvirt-daemon-system');
    for (const kind of ['socket-missing', 'refused'] as const) expect(transport(kind).hint).toBeTruthy();
  });

  it.each([
    [29, 'operation forbidden: read only access prevents virDomainCreate', /read-only/],
    [68, 'Timed out during operation: cannot acquire state change lock', /Another job/],
    [86, 'Guest agent is not responding: QEMU guest agent is not connected', /qemu-guest-agent/],
    [38, "Cannot access storage file '/root/a.qcow2': Permission denied", /readable/],
    [
      38,
      "Cannot access storage file '/srv/a.qcow2' (as uid:107, gid:107): No such file or directory",
      /not there/,
    ],
    [38, "cannot write to '/srv/a': No space left on device", /full/],
    [88, "access denied: 'QEMU' denied access", /access rules/],
    [74, 'argument unsupported: QEMU guest agent is not configured', /org\.qemu\.guest_agent\.0/],
  ])('code %i: %s', (code, message, hint) => {
    expect(hintOf(code, message)).toMatch(hint);
  });

  it.each([
    ["network 'my net' is not active", "Start the network first: virtdeck net start 'my net'"],
    ["storage pool 'images' is not active", 'Start the pool first: virtdeck pool start images'],
    ['Could not access KVM kernel module: No such file', /\/dev\/kvm/],
    ['cannot set up guest memory: Cannot allocate memory', /too little free memory/],
  ])('of a domain that does not start because: %s', (message, hint) => {
    const during = { call: procedures.DOMAIN_CREATE_WITH_FLAGS.number, connection: undefined };
    const text = toLibvirtError(new RemoteError(55, 19, message, 2), during).hint;
    if (typeof hint === 'string') expect(text).toBe(hint);
    else expect(text).toMatch(hint);
  });

  it('names the host that was given, so that the command can be copied', () => {
    const during = { call: procedures.STORAGE_POOL_REFRESH.number, connection: "qemu:///x?a=b'c" };
    expect(toLibvirtError(new RemoteError(55, 18, "storage pool 'a' is not active", 2), during).hint).toBe(
      "Start the pool first: virtdeck pool start a -c 'qemu:///x?a=b'\\''c'",
    );
  });

  it('does not say to start what a person wanted to stop', () => {
    for (const [call, message] of [
      [procedures.NETWORK_DESTROY, "network 'default' is not active"],
      [procedures.STORAGE_POOL_DESTROY, "storage pool 'default' is not active"],
    ] as const) {
      const during = { call: call.number, connection: undefined };
      expect(toLibvirtError(new RemoteError(55, 19, message, 2), during).hint).toBeUndefined();
    }
  });

  it('a missing file is no matter of permissions', () => {
    const hint = hintOf(38, "Cannot access storage file '/srv/a.qcow2': No such file or directory");
    expect(hint).not.toMatch(/readable|user/);
  });

  it('is left out where there is nothing better than the message', () => {
    expect(hintOf(42, 'Domain not found')).toBeUndefined();
    expect(transport('aborted').hint).toBeUndefined();
  });

  it('a slow host is not a failed action', () => {
    expect(toLibvirtError(new WireError('timeout', 'no answer within 30 s')).hint).toMatch(/may still/);
  });
});
