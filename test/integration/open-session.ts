/**
 * Run as a process of its own, since a session daemon needs another user than root:
 *
 *     node open-session.mjs COUNT URI          (bundled, see session-home.ts)
 *
 * Opens the connection COUNT times at once, and prints what came of each as JSON.
 */
import type { LibvirtError } from '../../source/libvirt/errors.js';
import { openHypervisor } from '../../source/libvirt/open.js';

export interface Opened {
  readonly uri?: string;
  readonly type?: string;
  readonly steps: readonly string[];
  readonly error?: { readonly kind: string; readonly message: string; readonly hint?: string | undefined };
}

const [count, uri] = process.argv.slice(2);

async function open(): Promise<Opened> {
  const steps: string[] = [];
  try {
    const hypervisor = await openHypervisor(uri, { onStep: (step) => steps.push(step) });
    const info = await hypervisor.hostInfo();
    await hypervisor.close();
    return { uri: info.uri, type: info.type, steps };
  } catch (error) {
    const { kind, message, hint } = error as LibvirtError;
    return { steps, error: { kind, message, hint } };
  }
}

console.log(JSON.stringify(await Promise.all(Array.from({ length: Number(count) }, open))));
