/**
 * One register of everything a test has started. Tests stop their own things in order; what a failed or
 * interrupted test leaves behind is ended here, when the process goes away, by process id and path.
 */

type Sweep = () => void;

const sweeps = new Set<Sweep>();
let installed = false;

/**
 * Registers a synchronous clean-up for the end of the process (exit handlers cannot await anything).
 * @returns a function that takes it off the register again, to call once the thing was ended properly.
 */
export function onProcessEnd(sweep: Sweep): () => void {
  if (!installed) {
    installed = true;
    process.on('exit', sweepAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        sweepAll();
        process.kill(process.pid, signal);
      });
    }
  }
  sweeps.add(sweep);
  return () => {
    sweeps.delete(sweep);
  };
}

function sweepAll(): void {
  for (const sweep of sweeps) {
    try {
      sweep();
    } catch {
      // The others still have to be ended.
    }
  }
  sweeps.clear();
}
