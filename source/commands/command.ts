import type { Hurry } from '../libvirt/remote/remote-hypervisor.js';
import type { SafeText } from '../text/safe.js';
import type { KeepaliveOptions } from '../wire/keepalive.js';
import type { Ending } from './ending.js';

/** What a command uses of the world; tests bring their own. */
export interface CommandIo {
  readonly stdout: { write(text: SafeText): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: SafeText): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the person presses Ctrl-C, or the program is told to end otherwise. */
  readonly signal?: AbortSignal | undefined;
  /** For commands that take something back then. */
  readonly ending?: Pick<Ending, 'cleansUp'> | undefined;
  /** How soon a silent host counts as lost; libvirt's 30 s unless told. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** How long it is waited for once the command is to end and takes something back; tests bring less. */
  readonly hurry?: Hurry | undefined;
}

export interface CommandArgs {
  /** What stands on the command line beside the flags, the command's own name left out. */
  readonly input: readonly string[];
  /** By the names of the command's flag table. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** What a command is at work with. */
export interface CommandContext {
  readonly io: CommandIo;
  readonly flags: CommandArgs['flags'];
}

/** One flag of a command, in meow's terms: the full-screen program's are read by meow. */
export interface Flag {
  readonly type: 'boolean' | 'string' | 'number';
  readonly shortFlag?: string;
  readonly isMultiple?: boolean;
}

/** A one-shot command: no React, no screen. */
export interface Command {
  /** The text of `virtdeck COMMAND --help`. */
  readonly usage: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** How many words are its own: what follows them is another program's, options and all. */
  readonly ownWords?: number;
  /** A signal is how it ends, and no failure. */
  readonly endsBySignal?: boolean;
  /** Resolves with the exit code; see ExitCode. */
  run(args: CommandArgs, io: CommandIo): Promise<number>;
}

export const ExitCode = { ok: 0, failed: 1, usage: 2 } as const;

/** The flag that every command with a connection has. */
export const connectFlag = {
  connect: { type: 'string', shortFlag: 'c', isMultiple: true },
} as const satisfies Record<string, Flag>;
