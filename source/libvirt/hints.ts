import type { FailureKind } from './errors.js';

interface Failure {
  readonly kind: FailureKind;
  readonly code: number;
  readonly message: string;
}

interface HintRule {
  readonly codes?: readonly number[];
  readonly kind?: FailureKind;
  /** Tested against the daemon's message, which is English unless the daemon runs in another locale. */
  readonly message?: RegExp;
  readonly hint: string;
}

/** For a user whom the system's daemon does not let in. */
export const joinGroupHint =
  'Add yourself to the group libvirt: sudo usermod -aG libvirt "$USER", then log in again.';

/** First match wins: specific rules stand above general ones. */
const rules: readonly HintRule[] = [
  {
    codes: [94, 79],
    hint: `No polkit agent could ask for a password. ${joinGroupHint}`,
  },
  { codes: [45], message: /polkit|authentication/i, hint: joinGroupHint },
  { codes: [88], hint: `The daemon's access rules refused this. ${joinGroupHint}` },
  { codes: [29], hint: 'The connection is read-only.' },
  {
    codes: [68],
    hint: 'Another job (save, migration, backup) holds this domain. See `virsh domjobinfo`, or try again when it ends.',
  },
  {
    codes: [86],
    hint: 'The guest agent does not answer: check that qemu-guest-agent runs in the guest.',
  },
  {
    message: /network '.*' is not active/i,
    hint: 'Start the network first: virsh net-start NAME (and net-autostart NAME to keep it).',
  },
  {
    message: /could not access kvm|kvm.*(not available|permission denied)/i,
    hint: 'KVM cannot be used: check that virtualization is on in the firmware and that /dev/kvm belongs to group kvm.',
  },
  {
    message: /cannot access storage file|could not open .*permission denied/i,
    hint: 'QEMU runs as its own user: the image and every directory above it must be readable for it.',
  },
  {
    message: /cannot allocate memory/i,
    hint: 'The host has too little free memory for this domain: stop another one or lower its memory.',
  },
  {
    message: /guest agent is not (connected|available|configured)/i,
    hint: 'Install and start qemu-guest-agent in the guest, and give the domain the channel org.qemu.guest_agent.0.',
  },
  {
    kind: 'timeout',
    hint: 'The host is slow or unreachable; the call may still be carried out there.',
  },
];

/** What a person can do about a failure, or undefined where there is nothing better than the message. */
export function hintFor(failure: Failure): string | undefined {
  return rules.find(
    (rule) =>
      (rule.kind === undefined || rule.kind === failure.kind) &&
      (rule.codes === undefined || rule.codes.includes(failure.code)) &&
      (rule.message === undefined || rule.message.test(failure.message)),
  )?.hint;
}
