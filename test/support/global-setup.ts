import { beOnlyRun } from './only-run.js';
import { missingOf } from './requirements.js';
import { cleanUpSystem, ensureSystemLibvirtd } from './system-libvirtd.js';

/**
 * Before and after all integration and end-to-end tests: the machine's libvirt answers, and nothing of a test
 * is left on it. Only root may use it; anybody else's tests stay with private daemons.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (missingOf(['root', 'libvirtd', 'qemu']).length > 0) return async () => {};
  const leave = await beOnlyRun(() =>
    process.stderr.write('Another run of tests uses the libvirt of this machine: waiting for its end.\n'),
  );
  const daemons = await ensureSystemLibvirtd();
  await cleanUpSystem();
  return async () => {
    await cleanUpSystem();
    await daemons.stop();
    await leave();
  };
}
