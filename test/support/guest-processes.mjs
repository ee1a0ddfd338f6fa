import { readdirSync, readFileSync } from 'node:fs';

// Plain JavaScript: the guardian process (guardian-process.mjs) uses it too.

/**
 * Ends the processes a private daemon started and left (QEMU guests outlive their libvirtd): exactly those
 * whose environment names the daemon's private folder, each by its process id.
 * @param {string} folder
 */
export function endGuests(folder) {
  for (const pid of guestPids(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/**
 * Process ids of the daemons and guests that run with private folders within `folder`.
 * @param {string} folder
 * @returns {number[]}
 */
export function guestPids(folder) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => belongsTo(name, folder))
    .map(Number);
}

/**
 * @param {string} pid
 * @param {string} folder
 */
function belongsTo(pid, folder) {
  try {
    const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
    if (!/qemu-system|libvirtd|dnsmasq|virtlogd/.test(program)) return false;
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`=${folder}/`);
  } catch {
    // Gone, or another user's: not ours.
    return false;
  }
}
