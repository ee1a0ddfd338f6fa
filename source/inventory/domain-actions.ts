import { DomainState, isActive, stateName } from '../libvirt/domain-state.js';
import type { HypervisorEvent } from '../libvirt/events.js';
import type { DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import type { Domain } from './types.js';

export type DomainActionId =
  | 'start'
  | 'shutdown'
  | 'reboot'
  | 'destroy'
  | 'suspend'
  | 'resume'
  | 'managedSave'
  | 'autostart';

/** What an action needs to know of a domain to decide whether and how it applies. */
type Subject = DomainRef & Pick<Domain, 'state' | 'autostart' | 'persistent'>;

/** One thing that can be done to a domain, in virt-manager's and virsh's words. */
export interface DomainAction {
  readonly id: DomainActionId;
  title(domain: Subject): string;
  /** While it is under way. */
  readonly pending: string;
  /** Why it does not apply now, or undefined when it does. */
  refusal(domain: Subject): string | undefined;
  /** Asked first where something of the person's may be lost. */
  question?(domain: Subject): string;
  call(hypervisor: Hypervisor, domain: Subject): Promise<void>;
  /** What the event says has happened, when it is the one that proves the action done. */
  confirmedBy(event: HypervisorEvent): string | undefined;
  /** Said when no event will come, because none exists or the driver has none. */
  done(domain: Subject): string;
  /** How long the event may take, in milliseconds; 0 where there is none to wait for. */
  readonly patience: number;
  /** The guest carries it out, or ignores it. */
  readonly guestDecides?: { readonly asked: string; readonly ignored: string };
}

const seconds = 1000;

/** Every action on domains; screens and keys are made from it. */
export const domainActions: Readonly<Record<DomainActionId, DomainAction>> = {
  start: {
    id: 'start',
    title: () => 'start',
    pending: 'starting',
    refusal: (domain) => (isActive(domain) ? alreadyIs(domain) : undefined),
    call: (hypervisor, domain) => hypervisor.start(domain),
    confirmedBy: lifecycle('started', 'started'),
    done: () => 'started',
    patience: 10 * seconds,
  },
  shutdown: {
    id: 'shutdown',
    title: () => 'shut down',
    pending: 'shutting down',
    refusal: mustRun,
    call: (hypervisor, domain) => hypervisor.shutdown(domain),
    confirmedBy: lifecycle('stopped', 'shut off'),
    done: () => 'asked to shut down',
    patience: 60 * seconds,
    guestDecides: {
      asked: 'asked to shut down',
      ignored: 'did not shut down: the guest ignores the request; F forces it off',
    },
  },
  reboot: {
    id: 'reboot',
    title: () => 'reboot',
    pending: 'rebooting',
    refusal: mustRun,
    call: (hypervisor, domain) => hypervisor.reboot(domain),
    confirmedBy: (event) => (event.type === 'reboot' ? 'rebooted' : undefined),
    done: () => 'asked to reboot',
    patience: 60 * seconds,
    guestDecides: {
      asked: 'asked to reboot',
      ignored: 'reported no reboot: the guest may ignore the request',
    },
  },
  destroy: {
    id: 'destroy',
    title: () => 'force off',
    pending: 'forcing off',
    refusal: mustBeActive,
    question: ({ name }) => `Force off ${name}? It loses what it has not written to disk.`,
    call: (hypervisor, domain) => hypervisor.destroy(domain),
    confirmedBy: lifecycle('stopped', 'shut off'),
    done: () => 'forced off',
    patience: 10 * seconds,
  },
  suspend: {
    id: 'suspend',
    title: () => 'pause',
    pending: 'pausing',
    refusal: mustRun,
    call: (hypervisor, domain) => hypervisor.suspend(domain),
    confirmedBy: lifecycle('suspended', 'paused'),
    done: () => 'paused',
    patience: 10 * seconds,
  },
  resume: {
    id: 'resume',
    title: () => 'resume',
    pending: 'resuming',
    refusal: (domain) =>
      domain.state === DomainState.paused || domain.state === DomainState.pmSuspended
        ? undefined
        : alreadyIs(domain),
    call: (hypervisor, domain) =>
      domain.state === DomainState.pmSuspended ? hypervisor.wakeup(domain) : hypervisor.resume(domain),
    confirmedBy: (event) => lifecycle('resumed', 'resumed')(event) ?? lifecycle('started', 'resumed')(event),
    done: () => 'resumed',
    patience: 10 * seconds,
  },
  managedSave: {
    id: 'managedSave',
    title: () => 'managed save',
    pending: 'saving',
    refusal: (domain) =>
      mustBeActive(domain) ??
      (domain.persistent ? undefined : `${domain.name} is transient: it cannot be saved.`),
    call: (hypervisor, domain) => hypervisor.managedSave(domain),
    confirmedBy: lifecycle('stopped', 'saved'),
    done: () => 'saved',
    patience: 10 * seconds,
  },
  autostart: {
    id: 'autostart',
    title: ({ autostart }) => (autostart ? 'autostart off' : 'autostart on'),
    pending: 'setting autostart',
    refusal: (domain) =>
      domain.persistent ? undefined : `${domain.name} is transient: it cannot start by itself.`,
    call: (hypervisor, domain) => hypervisor.setAutostart(domain, !domain.autostart),
    confirmedBy: () => undefined,
    done: ({ autostart }) => (autostart ? 'autostart off' : 'autostart on'),
    patience: 0,
  },
};

function lifecycle(name: string, text: string): (event: HypervisorEvent) => string | undefined {
  return (event) =>
    event.type === 'lifecycle' && event.event === name ? `${text} (${event.detail})` : undefined;
}

function mustRun(domain: Subject): string | undefined {
  const runs = domain.state === DomainState.running || domain.state === DomainState.blocked;
  return runs ? undefined : alreadyIs(domain);
}

function mustBeActive(domain: Subject): string | undefined {
  return isActive(domain) ? undefined : alreadyIs(domain);
}

function alreadyIs({ name, state }: Subject): string {
  return `${name} is ${stateName(state)}.`;
}
