import { Inventory } from '../inventory/inventory.js';
import { openHypervisor } from '../libvirt/open.js';
import { runTui } from './run.js';

export interface StartOptions {
  readonly version: string;
  /** The hosts to show; none leaves the choice to libvirt. */
  readonly uris: readonly string[];
}

/** Connects to the hosts and runs the full-screen program until it is left. Resolves with the exit code. */
export async function start({ version, uris }: StartOptions): Promise<number> {
  const inventory = new Inventory({
    open: (uri, hooks) => openHypervisor(uri || undefined, { ...hooks, events: true, keepalive: true }),
  });
  for (const uri of uris.length > 0 ? uris : [process.env.LIBVIRT_DEFAULT_URI ?? '']) {
    inventory.connect(inventory.add({ uri }));
  }
  const code = await runTui({ inventory, version });
  await inventory.dispose();
  return code;
}
