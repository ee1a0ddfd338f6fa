import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Command, CommandIo } from '../../source/commands/command.js';
import { parseFlags } from '../../source/commands/parse-flags.js';
import type { LabOptions } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import { stillLab } from '../lab/bed.js';
import { type CommandResult, runCommand } from '../support/command-io.js';

/** Labs on sockets, so that one command finds what another has left; each ends after its test. */
export function servedLabs() {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return async (options: LabOptions = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'vd-cmd-'));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    const { lab, clock } = stillLab(options);
    const { uri, close } = await serveLab(lab, join(folder, 'lab.sock'));
    ends.push(close);
    // Nobody's own settings, and nobody's own uploads.
    const env = { XDG_CONFIG_HOME: join(folder, 'config'), XDG_STATE_HOME: join(folder, 'state') };
    /** A command line, read as the program reads it. */
    const runWith = (
      io: Partial<CommandIo>,
      command: Command,
      ...words: readonly string[]
    ): Promise<CommandResult> => {
      const parsed = parseFlags(words, command.flags, command.ownWords);
      if ('problem' in parsed) throw new Error(parsed.problem);
      return runCommand(command, parsed.input, { connect: [uri], ...parsed.flags }, { env, ...io });
    };
    const run = (command: Command, ...words: readonly string[]) => runWith({}, command, ...words);
    return { lab, clock, folder, uri, run, runWith };
  };
}

export const done = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: '' });
export const failed = (stderr: string, stdout = ''): CommandResult => ({ code: 1, stdout, stderr });
