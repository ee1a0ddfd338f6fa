import { DomainState, reasonName } from '../libvirt/domain-state.js';

/** The domain exists and does not run (any more): there is nothing to wait for. */
export class GuestHalted extends Error {
  override readonly name = 'GuestHalted';
  /** What a person does about it; `console` are its last words. */
  readonly fix: HaltFix;
  readonly console: readonly string[];

  constructor(message: string, fix: HaltFix, console: readonly string[]) {
    super(message);
    this.fix = fix;
    this.console = console;
  }
}

/** `room`: make room on the host, then resume it. */
export type HaltFix = 'room' | 'resume' | 'reset' | 'start' | 'none';

/** What an event of a disk's error says. */
export interface DiskError {
  readonly path: string;
  /** libvirt's word, e.g. "enospc". */
  readonly reason: string;
}

interface Halt {
  readonly message: string;
  readonly fix: HaltFix;
}

/**
 * Why nothing more is to be expected of a domain in its state; undefined while it may still come up.
 *
 * @param now undefined: the host has no such domain
 * @param diskError the last one that its events told
 */
export function haltOf(
  name: string,
  now: { readonly id: number; readonly state: DomainState; readonly reason: number } | undefined,
  diskError: DiskError | undefined,
): Halt | undefined {
  if (now === undefined)
    return { message: `${name} is not there any more: somebody removed it`, fix: 'none' };
  const { state, reason } = now;
  const why = reasonName(state, reason);
  if (state === DomainState.crashed)
    return { message: `${name} has crashed${why === undefined ? '' : ` (${why})`}`, fix: 'reset' };
  if (now.id < 0 || state === DomainState.shutOff)
    return { message: `${name} is shut off${why === undefined ? '' : ` (${why})`}`, fix: 'start' };
  const fix = why === undefined ? undefined : pauses[why];
  if (state !== DomainState.paused || fix === undefined) return undefined;
  const full = diskError?.reason === 'enospc';
  const disk = diskError === undefined ? '' : `: its disk ${diskError.path}`;
  const text = full ? `${disk}: no space is left on the host` : disk;
  return { message: `${name} is paused (${why})${text}`, fix };
}

/** Why libvirt or QEMU pauses a guest without anybody having asked; a person's pause is waited out. */
const pauses: Readonly<Record<string, HaltFix>> = {
  'I/O error': 'room',
  watchdog: 'reset',
  crashed: 'reset',
  'post-copy failed': 'reset',
  'api error': 'resume',
};
