import { setTimeout as delay } from 'node:timers/promises';

type SuspendTerminal = (work: () => Promise<void>) => Promise<unknown>;

/**
 * Ctrl-Z: gives the terminal back to the shell, stops the process as job control expects, and takes the
 * terminal again when `fg` continues it.
 */
export async function suspendToShell(suspendTerminal: SuspendTerminal): Promise<void> {
  await suspendTerminal(async () => {
    const listeners = process.listeners('SIGTSTP');
    // With no listener the signal has the kernel's own meaning again.
    process.removeAllListeners('SIGTSTP');
    // To the whole process group, as the terminal does: a parent in it (npm, npx) must stop too. And not
    // SIGSTOP: where no shell could continue us (an orphaned group, `xterm -e virtdeck`) the kernel
    // ignores SIGTSTP, and the program just goes on.
    process.kill(0, 'SIGTSTP');
    // The signal may reach us a moment later; stopped, this timer waits as well.
    await delay(50);
    for (const listener of listeners) process.on('SIGTSTP', listener as NodeJS.SignalsListener);
  });
}
