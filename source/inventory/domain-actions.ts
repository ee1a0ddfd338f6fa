import { DomainState, isActive, stateName } from '../libvirt/domain-state.js';
import type { HypervisorEvent, LifecycleEvent } from '../libvirt/events.js';
import type { CallOptions, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { resumeForGood } from './resume.js';
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

/** What an action must know of a domain: a `Domain` fits, and so does a listing with a state. */
export type ActionSubject = DomainRef & Pick<Domain, 'state' | 'autostart' | 'persistent' | 'managedSave'>;

export interface DomainAction {
  readonly id: DomainActionId;
  /** The verb as virt-manager and virsh have it: "start", "force off". */
  title(domain: ActionSubject): string;
  /** Why it does not apply to the domain as it is now: "web-1 is already running". */
  refusal(domain: ActionSubject): string | undefined;
  /** The guest is to run by it: one that is paused by a failure then is told as that. */
  readonly setsGoing?: boolean;
  /** What to ask before; absent where one key is enough. Names the object. */
  question?(domain: ActionSubject): string;
  call(hypervisor: Hypervisor, domain: ActionSubject, options?: CallOptions): Promise<void>;
  /** True for the event that says it has happened. The event's domain is compared by the caller. */
  confirmedBy(event: HypervisorEvent, domain: ActionSubject): boolean;
  /**
   * True when the domain is as the action leaves it. For hosts that tell no events, and for what has none.
   *
   * @param before the domain when the action was called
   */
  reached?(domain: ActionSubject, before: ActionSubject): boolean;
  /** What has happened, of the domain as it is afterwards: "web-1: shut off (shutdown)". */
  done(domain: ActionSubject, event?: HypervisorEvent): string;
  /** While it is under way, in place of the state: "shutting down". */
  pending(domain: ActionSubject): string;
  /** Where the guest decides: what to say once the host has passed it on, and when the guest did nothing. */
  readonly guestDecides?: {
    asked(domain: ActionSubject): string;
    ignored(domain: ActionSubject): string;
  };
  /** True where only reading the list again tells (there is no event). */
  readonly confirmedByList?: boolean;
  /** Of the one-shot command that is called by its id, in virsh's words; absent: there is none. */
  readonly command?: {
    /** Present tense, for "Failed to … domain". */
    readonly verb: string;
    /** Printed when the daemon has accepted the call, and after --wait. */
    readonly accepted: string;
    readonly happened: string;
    /** In place of the action's call, which goes by a state that commands do not read. */
    call?(hypervisor: Hypervisor, domain: DomainRef): Promise<void>;
  };
}

const { running, blocked, paused, shutdown, crashed, pmSuspended } = DomainState;

const runs = ({ state }: ActionSubject): boolean => state === running || state === blocked;
const off = (domain: ActionSubject): boolean => !isActive(domain);
const lifecycle = (event: HypervisorEvent, ...kinds: LifecycleEvent[]): boolean =>
  event.type === 'lifecycle' && kinds.includes(event.event);

/** " (shutdown)": the reason as the event tells it. */
const why = (event: HypervisorEvent | undefined): string =>
  event?.type === 'lifecycle' && event.detail !== 'unknown' ? ` (${event.detail})` : '';

/** Why the guest cannot be asked for anything: libvirt passes a request on to running guests only. */
function notListening(domain: ActionSubject): string | undefined {
  if (!isActive(domain)) return `${domain.name} is not running`;
  if (domain.state === shutdown) return `${domain.name} is already shutting down`;
  if (domain.state === paused) return `${domain.name} is paused; resume it first`;
  if (domain.state === pmSuspended) return `${domain.name} is suspended; resume it first`;
  if (domain.state === crashed) return `${domain.name} has crashed; force it off`;
  return undefined;
}

/** start of a paused domain and resume are one thing; a guest in its own suspend is woken. */
function goOn(hypervisor: Hypervisor, domain: ActionSubject, options?: CallOptions): Promise<void> {
  return domain.state === pmSuspended
    ? hypervisor.wakeup(domain, options)
    : hypervisor.resume(domain, options);
}

const rests = ({ state }: ActionSubject): boolean => state === paused || state === pmSuspended;

/** Everything that can be done to a domain by one key or command, one entry each. */
export const domainActions: Readonly<Record<DomainActionId, DomainAction>> = {
  start: {
    id: 'start',
    command: { verb: 'start', accepted: 'started', happened: 'started' },
    setsGoing: true,
    title: (domain) => (rests(domain) ? domainActions.resume.title(domain) : 'start'),
    refusal(domain) {
      if (!isActive(domain) || rests(domain)) return undefined;
      if (domain.state === shutdown) return `${domain.name} is still shutting down`;
      if (domain.state === crashed) return `${domain.name} has crashed; force it off first`;
      return `${domain.name} is already running`;
    },
    call: (hypervisor, domain, options) =>
      rests(domain) ? goOn(hypervisor, domain, options) : hypervisor.start(domain, options),
    confirmedBy: (event, domain) =>
      lifecycle(event, 'started') || (rests(domain) && lifecycle(event, 'resumed')),
    reached: runs,
    done: (domain, event) => `${domain.name}: running${why(event)}`,
    pending: (domain) => (rests(domain) ? domainActions.resume.pending(domain) : 'starting'),
  },
  shutdown: {
    id: 'shutdown',
    command: { verb: 'shut down', accepted: 'is being shutdown', happened: 'is shut off' },
    title: () => 'shut down',
    refusal: notListening,
    call: (hypervisor, domain, options) => hypervisor.shutdown(domain, options),
    confirmedBy: (event) => lifecycle(event, 'stopped'),
    reached: off,
    done: (domain, event) => `${domain.name}: shut off${why(event)}`,
    pending: () => 'shutting down',
    guestDecides: {
      asked: ({ name }) => `${name}: asked to shut down`,
      ignored: ({ name }) =>
        `${name} did not shut down: the guest ignores the ACPI request; force off with F`,
    },
  },
  reboot: {
    id: 'reboot',
    command: { verb: 'reboot', accepted: 'is being rebooted', happened: 'rebooted' },
    title: () => 'reboot',
    refusal: notListening,
    call: (hypervisor, domain, options) => hypervisor.reboot(domain, options),
    confirmedBy: (event) => event.type === 'reboot',
    done: ({ name }) => `${name}: rebooted`,
    pending: () => 'rebooting',
    guestDecides: {
      asked: ({ name }) => `${name}: asked to reboot`,
      ignored: ({ name }) => `${name} did not reboot: the guest ignores the ACPI request; force off with F`,
    },
  },
  destroy: {
    id: 'destroy',
    command: { verb: 'destroy', accepted: 'destroyed', happened: 'destroyed' },
    title: () => 'force off',
    refusal: (domain) => (isActive(domain) ? undefined : `${domain.name} is not running`),
    question: ({ name }) =>
      `Force off ${name}? It is like pulling the plug: unsaved data in the guest is lost.`,
    call: (hypervisor, domain, options) => hypervisor.destroy(domain, options),
    confirmedBy: (event) => lifecycle(event, 'stopped'),
    reached: off,
    done: (domain, event) => `${domain.name}: shut off${why(event)}`,
    pending: () => 'forcing off',
  },
  suspend: {
    id: 'suspend',
    command: { verb: 'suspend', accepted: 'suspended', happened: 'suspended' },
    title: () => 'pause',
    refusal(domain) {
      if (!isActive(domain)) return `${domain.name} is not running`;
      if (domain.state === paused) return `${domain.name} is already paused`;
      return runs(domain) || domain.state === DomainState.noState
        ? undefined
        : `${domain.name} cannot be paused: it is ${stateName(domain.state)}`;
    },
    call: (hypervisor, domain, options) => hypervisor.suspend(domain, options),
    confirmedBy: (event) => lifecycle(event, 'suspended'),
    reached: ({ state }) => state === paused,
    done: ({ name }) => `${name}: paused`,
    pending: () => 'pausing',
  },
  resume: {
    id: 'resume',
    command: { verb: 'resume', accepted: 'resumed', happened: 'resumed', call: resumeForGood },
    setsGoing: true,
    title: ({ state }) => (state === pmSuspended ? 'wake up' : 'resume'),
    refusal(domain) {
      if (rests(domain)) return undefined;
      return isActive(domain) ? `${domain.name} is not paused` : `${domain.name} is not running`;
    },
    call: goOn,
    confirmedBy: (event) => lifecycle(event, 'resumed', 'started'),
    reached: runs,
    done: (domain, event) => `${domain.name}: running${why(event)}`,
    pending: ({ state }) => (state === pmSuspended ? 'waking up' : 'resuming'),
  },
  managedSave: {
    id: 'managedSave',
    title: () => 'managed save',
    refusal(domain) {
      if (!isActive(domain)) return `${domain.name} is not running`;
      if (domain.state === shutdown) return `${domain.name} is already shutting down`;
      // libvirt keeps the saved memory for a domain that will be there to be started.
      return domain.persistent
        ? undefined
        : `${domain.name} is transient: libvirt cannot keep its saved state`;
    },
    call: (hypervisor, domain, options) => hypervisor.managedSave(domain, options),
    confirmedBy: (event) =>
      event.type === 'lifecycle' && event.event === 'stopped' && event.detail === 'saved',
    reached: (domain) => off(domain) && domain.managedSave,
    done: ({ name }) => `${name}: saved and shut off`,
    pending: () => 'saving',
  },
  autostart: {
    id: 'autostart',
    title: ({ autostart }) => `autostart ${autostart ? 'off' : 'on'}`,
    refusal: ({ name, persistent }) =>
      persistent ? undefined : `${name} is transient: it cannot be started with the host`,
    call: (hypervisor, domain, options) => hypervisor.setAutostart(domain, !domain.autostart, options),
    confirmedBy: () => false,
    reached: ({ autostart }, before) => autostart !== before.autostart,
    done: ({ name, autostart }) => `${name}: autostart ${autostart ? 'on' : 'off'}`,
    pending: ({ autostart }) => `autostart ${autostart ? 'off' : 'on'}`,
    confirmedByList: true,
  },
};
