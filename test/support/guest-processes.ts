import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends the processes a private daemon started and left (QEMU guests outlive their libvirtd): exactly those
 * whose environment names the daemon's private folder, each by its process id.
 */
export function endGuests(folder: string): void {
  for (const pid of guestPids(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Process ids of everything started from within `folder`, this process excluded. */
export function guestPids(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => belongsTo(name, folder))
    .map(Number);
}

function belongsTo(pid: string, folder: string): boolean {
  try {
    const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
    if (!/qemu-system|libvirtd|dnsmasq|virtlogd/.test(program)) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`=${folder}/`);
  } catch {
    // Gone, or another user's: not ours.
    return false;
  }
}
