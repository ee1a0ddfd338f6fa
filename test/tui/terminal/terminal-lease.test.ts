import { afterEach, expect, test, vi } from 'vitest';
import { TerminalLease } from '../../../source/tui/terminal/terminal-lease.js';

afterEach(() => vi.restoreAllMocks());

test('Ctrl-Z while another program has the terminal stops both, and ends neither', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const lease = new TerminalLease();
  let suspended = false;
  // As Ink does it.
  lease.attach(async (work) => {
    if (suspended) throw new Error('The terminal is already suspended.');
    suspended = true;
    await work();
  });
  await lease.lendTo(async () => {
    lease.suspend();
    await vi.waitFor(() => expect(kill).toHaveBeenCalledWith(0, 'SIGTSTP'));
  });
});
