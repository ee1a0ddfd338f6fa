import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What tests may need of the machine: how to tell whether it is there, and the Debian (and Ubuntu) packages
 * that bring it. `programs` must all be found, and of `files` one.
 * @typedef {{programs: string[], files?: () => string[], packages: string[]}} Need
 */

/** @satisfies {Record<string, Need>} */
export const needs = {
  /** A private daemon can be started. */
  libvirtd: {
    programs: ['libvirtd', 'virsh', 'virtlogd', 'dbus-daemon'],
    packages: ['libvirt-daemon-system', 'libvirt-clients', 'dbus'],
  },
  /** libvirtd can run QEMU guests. Its driver is a module of its own, in a package of its own on Debian. */
  qemu: {
    programs: ['qemu-system-x86_64'],
    files: () => libraries('libvirt/connection-driver/libvirt_driver_qemu.so'),
    packages: ['qemu-system-x86', 'libvirt-daemon-driver-qemu'],
  },
  /** UEFI for QEMU's guests. */
  ovmf: {
    programs: ['qemu-system-x86_64'],
    files: () => ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_CODE.fd'],
    packages: ['ovmf'],
  },
  'qemu-img': { programs: ['qemu-img'], packages: ['qemu-utils'] },
  /** libvirtd can offer networks with DHCP. */
  network: {
    programs: ['dnsmasq', 'iptables'],
    files: () => ['/usr/share/libvirt/networks/default.xml', '/etc/libvirt/qemu/networks/default.xml'],
    packages: ['libvirt-daemon-config-network', 'dnsmasq-base', 'iptables'],
  },
  genisoimage: { programs: ['genisoimage'], packages: ['genisoimage'] },
  xorriso: { programs: ['xorriso'], packages: ['xorriso'] },
  openssl: { programs: ['openssl'], packages: ['openssl'] },
  'openssh-client': { programs: ['ssh-keygen', 'ssh-agent', 'ssh-add'], packages: ['openssh-client'] },
  sshd: { programs: ['sshd', 'ssh', 'ssh-keygen'], packages: ['openssh-server', 'openssh-client'] },
  /** The daemon can ask for names and passwords. */
  sasl: {
    programs: ['saslpasswd2'],
    files: () => libraries('sasl2/libscram.so'),
    packages: ['sasl2-bin', 'libsasl2-modules', 'libsasl2-modules-db'],
  },
  /** Logins can ask for a code as well as a password. */
  'one-time-code': {
    programs: ['sshd'],
    files: () => [
      ...libraries('security/pam_google_authenticator.so'),
      ...libraries('x86_64-linux-gnu/security/pam_google_authenticator.so'),
    ],
    packages: ['openssh-server', 'libpam-google-authenticator'],
  },
  /** Netcat with unix sockets. */
  netcat: { programs: ['nc.openbsd'], packages: ['netcat-openbsd'] },
  /** The image of a real guest can be built, and logged in to. */
  'guest-image': {
    programs: ['mmdebstrap', 'grub-mkimage', 'sfdisk', 'mke2fs', 'qemu-img', 'unshare', 'flock', 'ssh'],
    files: () => ['/usr/lib/grub/i386-pc/boot.img'],
    packages: [
      'mmdebstrap',
      'debian-archive-keyring',
      'grub-common',
      'grub-pc-bin',
      'fdisk',
      'e2fsprogs',
      'qemu-utils',
      'util-linux',
      'openssh-client',
    ],
  },
  tmux: { programs: ['tmux'], packages: ['tmux'] },
  /** tshark with the dissector of libvirt's protocol. */
  tshark: {
    programs: ['tshark'],
    files: () => libraries('wireshark/plugins').flatMap((folder) => below(folder, 'epan/libvirt.so')),
    packages: ['tshark', 'libvirt-wireshark'],
  },
};

/**
 * Whether the machine has something.
 * @param {keyof typeof needs} name
 */
export function has(name) {
  /** @type {Need} */
  const { programs, files } = needs[name];
  return programs.every(hasProgram) && (files === undefined || files().some((file) => readable(file)));
}

/**
 * Daemons live in sbin, which an ordinary user's PATH may lack.
 * @param {string} name
 */
function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && readable(join(folder, name), constants.X_OK));
}

/**
 * @param {string} path
 * @param {number} [mode]
 */
export function readable(path, mode = constants.R_OK) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where a library or its folder may lie.
 * @param {string} path
 */
function libraries(path) {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
  return folders.map((folder) => join(folder, path));
}

/**
 * A path in each subfolder: Wireshark's plug-ins are in one named for its version.
 * @param {string} folder
 * @param {string} path
 */
function below(folder, path) {
  try {
    return readdirSync(folder).map((name) => join(folder, name, path));
  } catch {
    return [];
  }
}
