import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../source/commands/command.js';
import { consoleCommand } from '../../source/commands/console.js';
import { Ending, type EndSignal } from '../../source/commands/ending.js';
import { runOneShot } from '../../source/commands/one-shot.js';
import { commands } from '../../source/commands/registry.js';
import { createLab, type Lab } from '../../source/lab/lab.js';
import { serveLab } from '../../source/lab/serve.js';
import type { Fault } from '../../source/lab/server/faults.js';
import type { ProcedureName } from '../../source/lab/server/handler.js';
import { openHypervisor } from '../../source/libvirt/open.js';
import { fakeTerminal } from '../libvirt/fake-terminal.js';
import { recordCalls, type Trouble, troubles } from '../support/fault-matrix.js';

/** A command line, and what makes the host ready for it. Words in capitals stand for places of the bed. */
export interface Line {
  readonly words: string;
  readonly before?: readonly string[];
}

/** `stuck`: the call is never answered, however often it is made, and all others are. */
export type Kind = Trouble | 'silent' | 'stuck';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The procedures that it has called, each once, in their order. */
  readonly called: readonly ProcedureName[];
  readonly struck: boolean;
  /** Things of a name that only the command gives, that are on the host afterwards. */
  readonly there: readonly string[];
  /** Whether the program has a note of something that is not whole. */
  readonly noted: boolean;
}

/** What goes wrong: at which call, and how. */
export interface Wrong {
  readonly procedure: ProcedureName;
  readonly kind: Kind;
  /** Where Ctrl-C comes while another call is under way: it goes wrong from then on. */
  readonly signalAt?: ProcedureName;
}

/** A command has to end by itself: this test waits for ever for one that does not. */
const grace = { plain: 2 ** 30, cleanUp: 2 ** 30 };
const hurry = { keepalive: { interval: 2 ** 30, count: 1 }, underWay: 50, call: 100 };

/** Silence is noticed soon; only where it is meant, since a busy machine is silent as well for a moment. */
const keepalive = { interval: 40, count: 2 };

/** Runs a command line on a host of its own, in this process, with something going wrong at one procedure. */
export async function runLine({ words, before = [] }: Line, trouble?: Wrong): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'vd-fault-'));
  const lab = createLab({ domains: 3, speed: 2000 });
  const served = await serveLab(lab, join(folder, 'lab.sock'));
  try {
    const disk = Buffer.alloc(200_000, 7);
    disk.set([0x55, 0xaa], 510);
    await writeFile(join(folder, 'small.img'), disk);
    const bed = { folder, lab, uri: served.uri };
    for (const line of before) {
      const { code, stderr } = await run(bed, line, undefined);
      if (code !== 0) throw new Error(`${line}: ${stderr}`);
    }
    return await run(bed, words, trouble);
  } finally {
    await served.close();
    // What was ended at once may still be writing its note.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

interface Bed {
  readonly folder: string;
  readonly lab: Lab;
  readonly uri: string;
}

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOqFvBqXxVvJYBVuzzUvZjO1qEwMZ9lGkSuTn1e6k8YV me@here';

async function run({ folder, lab, uri }: Bed, line: string, trouble: Wrong | undefined): Promise<Ended> {
  const places: Readonly<Record<string, string>> = {
    FILE: join(folder, 'small.img'),
    TARGET: join(folder, 'target.img'),
    URI: uri,
    KEY: key,
  };
  const [name = '', ...rest] = line.split(' ').map((word) => places[word] ?? word);
  const argv = line.includes('URI') ? rest : [...rest, '-c', uri];
  const said = { stdout: '', stderr: '' };
  let signal: (name: EndSignal) => void = () => {};
  let fault: (error: unknown) => void = () => {};
  let struck = false;
  let told = false;
  const isHanging = trouble?.kind === 'hang' || trouble?.kind === 'stuck';
  const { strike } = lab.faults;
  const called = recordCalls(lab);
  const recorded = lab.faults.strike;
  lab.faults.strike = (names, procedure, objects) => {
    const mine = procedure === trouble?.procedure;
    if (mine && trouble?.kind === 'silent' && !struck) lab.faults.set([{ fault: 'silent' }]);
    // Ctrl-C comes while the call is under way.
    if (isHanging && procedure === (trouble?.signalAt ?? trouble?.procedure) && !told) {
      told = true;
      if (trouble?.signalAt !== undefined) lab.faults.set(rulesOf(trouble, false));
      setImmediate(() => signal('SIGINT'));
    }
    struck ||= mine;
    return recorded(names, procedure, objects);
  };
  if (trouble !== undefined && trouble.signalAt === undefined)
    lab.faults.set(rulesOf(trouble, name === 'create'));
  const ending = new Ending((text) => {
    said.stderr += `${text}\n`;
  }, grace);
  const code = await runOneShot(
    name,
    await commandOf(name),
    argv,
    {
      stdout: { write: (text) => (said.stdout += text) },
      stderr: { write: (text) => (said.stderr += text) },
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        XDG_CONFIG_HOME: join(folder, 'config'),
        XDG_STATE_HOME: join(folder, 'state'),
        XDG_CACHE_HOME: join(folder, 'cache'),
      },
      hurry,
      ...(trouble?.kind === 'silent' && { keepalive }),
      onSignal: (listener) => {
        signal = listener;
        return () => {};
      },
      onFault: (listener) => {
        fault = listener;
        process.on('uncaughtException', fault);
        return () => process.off('uncaughtException', fault);
      },
    },
    ending,
  );
  lab.faults.clear();
  lab.faults.strike = strike;
  return { code, ...said, called: [...called], struck, ...(await leftOf(uri, folder)) };
}

async function leftOf(uri: string, folder: string): Promise<Pick<Ended, 'there' | 'noted'>> {
  const hypervisor = await openHypervisor(uri);
  const pool = await hypervisor.pools.lookup('default');
  const all = [...(await hypervisor.listDomains()), ...(await hypervisor.volumes.list(pool))];
  await hypervisor.close();
  const notes = await Promise.all(
    ['creations', 'uploads'].map((name) => readdir(join(folder, 'state', 'virtdeck', name)).catch(() => [])),
  );
  return {
    there: all.flatMap(({ name }) => (/^new|^small/.test(name) ? [name] : [])),
    noted: notes.flat().some((name) => name.endsWith('.json')),
  };
}

/** @param once a creation takes back what it has made by the same calls */
function rulesOf(
  { procedure, kind }: { readonly procedure: ProcedureName; readonly kind: Kind },
  once: boolean,
): Fault[] {
  if (kind === 'silent') return [];
  if (kind === 'stuck') return [{ ...troubles.hang, procedure }];
  return [{ ...troubles[kind], procedure, ...(once && { times: 1 }) }];
}

async function commandOf(name: string): Promise<Command> {
  if (name !== 'console') return (await commands[name]?.load()) as Command;
  const { terminal, input } = fakeTerminal();
  // Somebody leaves it at once.
  input.write('\u001d');
  return consoleCommand(terminal);
}
