import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

/** What a test may need of the machine. Each name has a way to tell whether it is there. */
export type Requirement = keyof typeof checks;

const checks = {
  /** A private libvirtd can be started. */
  libvirtd: () => program('libvirtd') && program('virsh'),
  /** libvirtd can run QEMU guests. */
  qemu: () => program('qemu-system-x86_64') && qemuDriver(),
  'qemu-img': () => program('qemu-img'),
  genisoimage: () => program('genisoimage'),
  tmux: () => program('tmux'),
  tshark: () => program('tshark'),
  sshd: () => program('sshd'),
  /** Tests on the machine's own qemu:///system. */
  root: () => process.getuid?.() === 0,
  /** The program as built by scripts/build.mjs. */
  dist: () => readable(join(import.meta.dirname, '..', '..', 'dist', 'cli.js')),
} satisfies Record<string, () => boolean>;

/**
 * `describe`, when the machine has all that is named; otherwise a `describe` that is skipped and whose title
 * says what is missing. With CI set nothing may be skipped: it throws instead.
 *
 *     requires('libvirtd', 'qemu')('a guest of the session daemon', () => { … });
 */
export function requires(...names: Requirement[]): (title: string, body: () => void) => void {
  const missing = missingOf(names);
  if (missing.length === 0) return (title, body) => void describe(title, body);
  const text = `needs ${missing.join(', ')}`;
  if (process.env.CI) throw new Error(`CI is set and this machine lacks something: ${text}`);
  return (title, body) => void describe.skip(`${title} (skipped: ${text})`, body);
}

/** Those of the names that this machine does not have. */
export function missingOf(names: readonly Requirement[]): Requirement[] {
  return names.filter((name) => !checks[name]());
}

/** Daemons live in sbin, which an ordinary user's PATH may lack. */
function program(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && readable(join(folder, name), constants.X_OK));
}

/** The driver is a module of its own, in a package of its own on Debian. */
function qemuDriver(): boolean {
  const folders = ['/usr/lib', '/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
  return folders.some((folder) => readable(join(folder, 'libvirt/connection-driver/libvirt_driver_qemu.so')));
}

function readable(path: string, mode = constants.R_OK): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
