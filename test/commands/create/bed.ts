import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { CommandIo } from '../../../source/commands/command.js';
import { create } from '../../../source/commands/create/create.js';
import { parseFlags } from '../../../source/commands/parse-flags.js';
import { createLab, type Lab } from '../../../source/lab/lab.js';
import { serveLab } from '../../../source/lab/serve.js';
import { openHypervisor } from '../../../source/libvirt/open.js';
import { type CommandResult, runCommand } from '../../support/command-io.js';

export const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV me@here';

/** A served lab whose guests boot at once, a person's empty home, and a small image in it; anew for each test. */
export function createBed() {
  let folder = '';
  let lab: Lab;
  let uri = '';
  let env: Record<string, string | undefined> = {};
  let close: () => Promise<unknown> = async () => {};

  /** @param speed of the lab's time; a lab that was served before is gone */
  async function serve(speed: number): Promise<void> {
    await close();
    lab = createLab({ domains: 2, names: ['alpha', 'beta'], speed });
    const served = await serveLab(lab, join(folder, `${speed}.sock`));
    uri = served.uri;
    close = async () => {
      close = async () => {};
      await served.close();
    };
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vd-create-'));
    const disk = Buffer.alloc(200_000, 7);
    disk.set([0x55, 0xaa], 510);
    await writeFile(join(folder, 'small.img'), disk);
    env = {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
    };
    await serve(2000);
  });

  afterEach(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  /** A command line, read as the program reads it. */
  function runBare(io: Partial<CommandIo>, ...words: readonly string[]): Promise<CommandResult> {
    const parsed = parseFlags(words, create.flags);
    if ('problem' in parsed) throw new Error(parsed.problem);
    return runCommand(create, parsed.input, parsed.flags, { env, ...io });
  }
  const runWith = (io: Partial<CommandIo>, ...words: readonly string[]) => runBare(io, '-c', uri, ...words);
  const run = (...words: readonly string[]) => runWith({}, ...words);
  /** What a VM needs, so that a test says only what is its own. */
  const madeOf = (): readonly string[] => [
    ...['--image', join(folder, 'small.img'), '--ssh-key', key, '--user', 'isabell'],
  ];
  const makeWith = (io: Partial<CommandIo>, ...words: readonly string[]) =>
    runWith(io, ...madeOf(), ...words);
  const make = (...words: readonly string[]) => makeWith({}, ...words);

  /** What creations have made on the host, and is still there. */
  async function names(): Promise<readonly string[]> {
    const hypervisor = await openHypervisor(uri);
    const domains = await hypervisor.listDomains();
    const volumes = await hypervisor.volumes.list(await hypervisor.pools.lookup('default'));
    await hypervisor.close();
    const own = [...domains, ...volumes].map(({ name }) => name);
    return own.filter((name) => /^(web|small)/.test(name)).sort();
  }

  return {
    get folder() {
      return folder;
    },
    get image() {
      return join(folder, 'small.img');
    },
    get lab() {
      return lab;
    },
    get uri() {
      return uri;
    },
    get env() {
      return env;
    },
    /** The host's daemon ends. */
    close: () => close(),
    ...{ serve, run, runBare, runWith, make, makeWith, madeOf, names },
  };
}

/** Standard error that does something as soon as a text is written. */
export function watching(pattern: RegExp, work: () => void) {
  let text = '';
  let seen = false;
  return {
    get text() {
      return text;
    },
    write(more: string): void {
      text += more;
      if (seen || !pattern.test(text)) return;
      seen = true;
      work();
    },
  };
}
