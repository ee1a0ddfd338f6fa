import type { Lab } from './lab.js';
import type { Fault } from './server/faults.js';
import type { Clock } from './world/clock.js';

/** What can go wrong with the host as a whole, beside the faults of single calls. All times in seconds. */
export type HostFault =
  | {
      readonly fault: 'refuse';
      readonly after?: number | undefined;
      readonly lasting: number;
    }
  | {
      readonly fault: 'restart';
      readonly after?: number | undefined;
      /** Again and again, so many seconds after the one before. */
      readonly repeat?: number | undefined;
      /** How long nobody can connect. */
      readonly down?: number | undefined;
      /** How many domains others change meanwhile. */
      readonly changes?: number | undefined;
    };

/** Everything that `virtdeck lab --fault` can ask for. */
export type Disturbance = Fault | HostFault;

/** Lets the disturbances happen to a lab; the returned function ends what has not happened yet. */
export function disturb(lab: Lab, disturbances: readonly Disturbance[], clock: Clock): () => void {
  const cancels = new Set<() => void>();
  const later = (seconds: number, run: () => void) => {
    const cancel = clock.after(seconds * 1000, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
  };
  for (const disturbance of disturbances) {
    if (disturbance.fault === 'refuse') {
      later(disturbance.after ?? 0, () => lab.refuse(disturbance.lasting));
    } else if (disturbance.fault === 'restart') {
      const { after = 0, repeat, down = 0, changes = 0 } = disturbance;
      const restart = () => {
        lab.restart({ down, changes });
        if (repeat !== undefined) later(repeat, restart);
      };
      later(after, restart);
    } else lab.faults.add(disturbance);
  }
  return () => {
    for (const cancel of cancels) cancel();
  };
}
