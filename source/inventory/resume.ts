import { setTimeout as delay } from 'node:timers/promises';
import { DomainState, notableReason, stateText } from '../libvirt/domain-state.js';
import { LibvirtError } from '../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';

/** A guest repeats at once what has failed: looked at so often, in milliseconds, and so many times. */
const lookEvery = 150;
const looks = 10;

const hints: Readonly<Record<string, string>> = {
  'I/O error':
    'On the host the storage of one of its disks is full or fails: make room or mend it there, then resume again.',
};

/** What to say of a domain that was to run and is paused by a failure; undefined where it is not. */
export function relapse(
  state: DomainState,
  reason: number,
): { readonly text: string; readonly hint: string | undefined } | undefined {
  const why = state === DomainState.paused ? notableReason(state, reason) : undefined;
  return why === undefined
    ? undefined
    : { text: `it went on and is ${stateText(state, reason)} again`, hint: hints[why] };
}

/**
 * Resumes a domain. One that was paused because something failed, such as a disk that is full, is watched for a moment,
 * because libvirt's answer comes before it fails again.
 *
 * @throws LibvirtError where it could not be resumed, or is paused again
 */
export async function resumeForGood(hypervisor: Hypervisor, domain: DomainRef): Promise<void> {
  // A driver that does not tell why cannot tell that it has failed again.
  const before = await hypervisor.domainState(domain).catch(() => undefined);
  await hypervisor.resume(domain);
  if (before === undefined || notableReason(before.state, before.reason) === undefined) return;
  for (let look = 0; look < looks; look += 1) {
    await delay(lookEvery);
    const { state, reason } = await hypervisor.domainState(domain);
    const again = relapse(state, reason);
    if (again !== undefined)
      throw new LibvirtError({ kind: 'libvirt', message: again.text, hint: again.hint });
  }
}
