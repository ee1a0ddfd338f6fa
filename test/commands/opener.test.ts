import { expect, it } from 'vitest';
import type { CommandIo } from '../../source/commands/command.js';
import { commandOpener } from '../../source/commands/opener.js';

it('a command with many hosts says nothing of their number', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.message);
  process.on('warning', onWarning);
  try {
    const nowhere = { write: () => true };
    const { signal } = new AbortController();
    const io: CommandIo = { stdout: nowhere, stderr: nowhere, env: {}, signal };
    const open = commandOpener(io);
    const hosts = await Promise.all(Array.from({ length: 15 }, () => open('lab:///?domains=1')));
    await Promise.all(hosts.map((host) => host.close()));
    // Warnings are told a turn later.
    await new Promise(setImmediate);
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', onWarning);
  }
});
