import { shellWord } from '../text/shell-word.js';
import { procedures } from '../wire/procedures.js';
import { ErrorCode } from './constants.js';
import type { FailureKind } from './errors.js';

interface Failure {
  readonly kind: FailureKind;
  readonly code: number;
  readonly message: string;
}

/** What was being done when it failed. */
export interface During {
  /** Number of the procedure. */
  readonly call: number;
  /** What a person gave for the host; undefined: nothing, libvirt's own choice. */
  readonly connection: string | undefined;
}

interface HintRule {
  readonly codes?: readonly number[];
  readonly kind?: FailureKind;
  /** For what no code tells apart, or what the hint repeats. Tested against the daemon's message, which is English unless the daemon runs in another locale. */
  readonly message?: RegExp;
  /** The procedures whose failure it fits; any unless told. */
  readonly calls?: readonly { readonly number: number }[];
  readonly hint: string;
  /** What of virtdeck helps, by its words; "$1" is the message's first group. Stands behind the hint. */
  readonly command?: readonly string[];
}

const starts = [procedures.DOMAIN_CREATE_WITH_FLAGS];
const usesPool = [
  procedures.STORAGE_POOL_REFRESH,
  procedures.STORAGE_POOL_LIST_ALL_VOLUMES,
  procedures.STORAGE_VOL_LOOKUP_BY_NAME,
  procedures.STORAGE_VOL_CREATE_XML,
  procedures.STORAGE_VOL_CREATE_XML_FROM,
  procedures.STORAGE_VOL_DELETE,
  procedures.STORAGE_VOL_RESIZE,
  procedures.STORAGE_VOL_UPLOAD,
  procedures.STORAGE_VOL_DOWNLOAD,
];

/** For a user whom the system's daemon does not let in. */
export const joinGroupHint =
  'Add yourself to the group libvirt: sudo usermod -aG libvirt "$USER", then log in again.';

/** First match wins: specific rules stand above general ones. */
const rules: readonly HintRule[] = [
  {
    codes: [ErrorCode.authUnavailable, ErrorCode.authCancelled],
    hint: `No polkit agent could ask for a password. ${joinGroupHint}`,
  },
  { codes: [ErrorCode.authFailed], hint: joinGroupHint },
  { codes: [ErrorCode.accessDenied], hint: "The access rules of the host's daemon refused this to you." },
  { codes: [ErrorCode.operationDenied], message: /read.?only/i, hint: 'The connection is read-only.' },
  {
    codes: [ErrorCode.operationTimeout],
    message: /state change lock/i,
    hint: 'Another job (save, migration, backup) holds this domain: try again when it has ended.',
  },
  {
    codes: [ErrorCode.agentUnresponsive],
    hint: 'The guest agent does not answer: check that qemu-guest-agent runs in the guest.',
  },
  {
    codes: [ErrorCode.operationInvalid],
    message: /network '(.+)' is not active/i,
    calls: starts,
    hint: 'Start the network first:',
    command: ['net', 'start', '$1'],
  },
  {
    codes: [ErrorCode.operationInvalid],
    message: /storage pool '(.+)' is not active/i,
    calls: [...starts, ...usesPool],
    hint: 'Start the pool first:',
    command: ['pool', 'start', '$1'],
  },
  {
    message: /could not access kvm|kvm.*(not available|permission denied)/i,
    calls: starts,
    hint: 'KVM cannot be used: check that virtualization is on in the firmware and that /dev/kvm belongs to group kvm.',
  },
  {
    message: /(cannot access storage file|could not open|cannot open file) .*no such file/i,
    hint: 'The file is not there on the host: bring it back, or take what names it out of the definition.',
  },
  {
    message: /(cannot access storage file|could not open) .*permission denied/i,
    hint: 'QEMU runs as its own user: the image and every directory above it must be readable for it.',
  },
  { message: /no space left on device/i, hint: 'The disk of the host is full: make room there.' },
  {
    message: /cannot allocate memory/i,
    calls: starts,
    hint: 'The host has too little free memory for this domain: stop another one or lower its memory.',
  },
  {
    message: /guest agent is not (connected|available|configured)/i,
    hint: 'Install and start qemu-guest-agent in the guest, and give the domain the channel org.qemu.guest_agent.0.',
  },
  { kind: 'timeout', hint: 'The host is slow or unreachable; the call may still be carried out there.' },
];

/**
 * What a person can do about a failure, or undefined where there is nothing better than the message.
 *
 * @param during undefined: no call of a daemon
 */
export function hintFor(failure: Failure, during?: During): string | undefined {
  for (const rule of rules) {
    const match = rule.message?.exec(failure.message);
    const fits =
      (rule.kind === undefined || rule.kind === failure.kind) &&
      (rule.codes === undefined || rule.codes.includes(failure.code)) &&
      (rule.message === undefined || match) &&
      (rule.calls === undefined || rule.calls.some(({ number }) => number === during?.call));
    if (!fits) continue;
    if (rule.command === undefined) return rule.hint;
    const words = rule.command.map((word) => shellWord(word === '$1' ? (match?.[1] ?? '') : word));
    const host = during?.connection === undefined ? [] : ['-c', shellWord(during.connection)];
    return [rule.hint, 'virtdeck', ...words, ...host].join(' ');
  }
  return undefined;
}

/** The commands that hints name, each by its words: a test holds them to those that there are. */
export const hintedCommands: readonly (readonly string[])[] = rules.flatMap(({ command }) =>
  command === undefined ? [] : [command],
);
