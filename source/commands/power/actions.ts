import { resumeForGood } from '../../inventory/resume.js';
import type { LifecycleEvent } from '../../libvirt/events.js';
import type { DomainRef, Hypervisor } from '../../libvirt/hypervisor.js';

/** A power command: what it calls, what it prints, and which event says that it has happened. */
export interface PowerAction {
  /** Present tense, for "Failed to … domain". */
  readonly verb: string;
  call(hypervisor: Hypervisor, domain: DomainRef): Promise<void>;
  /** Printed when the daemon has accepted the call; virsh's own words. */
  readonly accepted: string;
  /** The event that --wait waits for; "reboot" is an event kind of its own. */
  readonly until: LifecycleEvent | 'reboot';
  /** Printed after --wait. */
  readonly happened: string;
  /** What the guest may ignore: without --wait nothing is known but that it was asked. */
  readonly guestDecides: boolean;
}

/** The commands, by virsh's names. */
export const powerActions = {
  start: {
    verb: 'start',
    call: (hypervisor, domain) => hypervisor.start(domain),
    accepted: 'started',
    until: 'started',
    happened: 'started',
    guestDecides: false,
  },
  shutdown: {
    verb: 'shut down',
    call: (hypervisor, domain) => hypervisor.shutdown(domain),
    accepted: 'is being shutdown',
    until: 'stopped',
    happened: 'is shut off',
    guestDecides: true,
  },
  reboot: {
    verb: 'reboot',
    call: (hypervisor, domain) => hypervisor.reboot(domain),
    accepted: 'is being rebooted',
    until: 'reboot',
    happened: 'rebooted',
    guestDecides: true,
  },
  destroy: {
    verb: 'destroy',
    call: (hypervisor, domain) => hypervisor.destroy(domain),
    accepted: 'destroyed',
    until: 'stopped',
    happened: 'destroyed',
    guestDecides: false,
  },
  suspend: {
    verb: 'suspend',
    call: (hypervisor, domain) => hypervisor.suspend(domain),
    accepted: 'suspended',
    until: 'suspended',
    happened: 'suspended',
    guestDecides: false,
  },
  resume: {
    verb: 'resume',
    call: resumeForGood,
    accepted: 'resumed',
    until: 'resumed',
    happened: 'resumed',
    guestDecides: false,
  },
} as const satisfies Record<string, PowerAction>;

export type PowerName = keyof typeof powerActions;
