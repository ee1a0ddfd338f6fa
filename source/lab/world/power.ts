import { DomainState } from '../../libvirt/domain-state.js';
import { domainEvents } from '../../wire/events.js';
import { From, LabError, refuse, refuseNetwork } from '../errors.js';
import { boot, setAgent } from './boot.js';
import type { LabDomain } from './domain.js';
import { AgentEvent, Lifecycle } from './events.js';
import { inGuestTime, resumePlans, soon } from './plans.js';
import type { World } from './world.js';

/** Seconds from a guest's last word to the end of its process. */
const processEnd = 0.8;

/** Tells a lifecycle event. */
export function tellLifecycle(world: World, domain: LabDomain, what: keyof typeof Lifecycle): void {
  const [event, detail] = Lifecycle[what];
  world.tell(domainEvents.LIFECYCLE, domain, { event, detail });
}

export function checkActive(domain: LabDomain): void {
  if (!domain.active) throw refuse.invalid('domain is not running');
}

export function checkAgent(domain: LabDomain): void {
  checkActive(domain);
  if (domain.agent === 'none') throw refuse.agentMissing('QEMU guest agent is not configured');
  if (domain.agent === 'disconnected') throw refuse.agent('QEMU guest agent is not connected');
}

/** A domain in a long job lets nobody else change it. */
export function checkNoJob(domain: LabDomain): void {
  if (domain.job === undefined) return;
  throw new LabError(
    68,
    From.qemu,
    `Timed out during operation: cannot acquire state change lock (held by monitor=${domain.job.owner})`,
  );
}

export interface StartOptions {
  readonly paused?: boolean;
  /** Boot afresh although a managed save image exists. */
  readonly forceBoot?: boolean;
}

/** Power on, or back from a managed save image. */
export function start(world: World, domain: LabDomain, { paused, forceBoot }: StartOptions = {}): void {
  if (domain.active) throw refuse.invalid('domain is already running');
  checkNetworks(world, domain);
  const restored = domain.managedSave && !forceBoot;
  const now = world.now();
  domain.managedSave = false;
  domain.agent = domain.definition.agentChannel ? 'disconnected' : 'none';
  world.change(domain, () => {
    world.activate(domain);
    if (!restored) {
      domain.resetGuestTime(now);
      domain.hasLease = false;
      domain.hasNvram ||= domain.definition.nvram;
      domain.balloon = domain.definition.currentMemory;
    }
    if (paused) domain.setState(DomainState.paused, 1, now);
    else domain.setState(DomainState.running, restored ? 3 : 1, now);
  });
  if (domain.agent !== 'none') {
    const { disconnected, domainStarted } = AgentEvent;
    world.tell(domainEvents.AGENT_LIFECYCLE, domain, { state: disconnected, reason: domainStarted });
  }
  // The order in which libvirt's QEMU driver tells it.
  if (restored) {
    tellLifecycle(world, domain, 'startedRestored');
    tellLifecycle(world, domain, paused ? 'suspendedPaused' : 'resumedFromSnapshot');
  } else {
    if (!paused) tellLifecycle(world, domain, 'resumedUnpaused');
    tellLifecycle(world, domain, 'startedBooted');
    if (paused) tellLifecycle(world, domain, 'suspendedPaused');
  }
  if (!restored) boot(world, domain);
  else if (domain.definition.agentInstalled)
    inGuestTime(world, domain, 1, () => setAgent(world, domain, 'connected', AgentEvent.channel));
}

/** Asks the guest to power off: it takes its time, then the domain is "in shutdown" until its process ends. */
export function shutdown(world: World, domain: LabDomain): void {
  checkGuestRuns(domain);
  goDown(world, domain, () => {
    world.change(domain, () => domain.setState(DomainState.shutdown, 1, world.now()));
    tellLifecycle(world, domain, 'shutdownByGuest');
    soon(world, domain, processEnd, () => stop(world, domain, 1, 'stoppedShutdown'));
  });
}

/** Asks the guest to reboot. */
export function reboot(world: World, domain: LabDomain): void {
  checkActive(domain);
  checkNoJob(domain);
  goDown(world, domain, () => {
    world.tell(domainEvents.REBOOT, domain, {});
    boot(world, domain);
  });
}

/** The guest ends its services, the agent among them. */
function goDown(world: World, domain: LabDomain, then: () => void): void {
  const takes = domain.definition.os.shutdownTakes;
  domain.cancelPlans();
  inGuestTime(world, domain, 0.6 * takes, () => {
    setAgent(world, domain, 'disconnected', AgentEvent.channel);
    inGuestTime(world, domain, 0.4 * takes, then);
  });
}

/** The reset button. */
export function reset(world: World, domain: LabDomain): void {
  checkActive(domain);
  checkNoJob(domain);
  domain.cancelPlans();
  world.tell(domainEvents.REBOOT, domain, {});
  setAgent(world, domain, 'disconnected', AgentEvent.channel);
  boot(world, domain);
}

/** Force off. */
export function destroy(world: World, domain: LabDomain): void {
  checkActive(domain);
  domain.job?.abort();
  if (domain.state === DomainState.running) tellLifecycle(world, domain, 'shutdownByHost');
  stop(world, domain, 2, 'stoppedDestroyed');
}

export function suspend(world: World, domain: LabDomain): void {
  checkActive(domain);
  checkNoJob(domain);
  if (domain.state === DomainState.pmSuspended) throw refuse.invalid('domain is pmsuspended');
  if (domain.state === DomainState.paused) return;
  world.change(domain, () => domain.setState(DomainState.paused, 1, world.now()));
  tellLifecycle(world, domain, 'suspendedPaused');
}

export function resume(world: World, domain: LabDomain): void {
  checkActive(domain);
  checkNoJob(domain);
  if (domain.state === DomainState.pmSuspended) throw refuse.invalid('domain is pmsuspended');
  if (domain.state === DomainState.running) throw refuse.invalid('domain is already running');
  world.change(domain, () => domain.setState(DomainState.running, 5, world.now()));
  tellLifecycle(world, domain, 'resumedUnpaused');
  resumePlans(domain);
}

/** Suspends the guest to its memory (S3). */
export function pmSuspend(world: World, domain: LabDomain): void {
  checkGuestRuns(domain);
  checkAgent(domain);
  world.change(domain, () => domain.setState(DomainState.pmSuspended, 0, world.now()));
  tellLifecycle(world, domain, 'pmSuspendedMemory');
  world.tell(domainEvents.PMSUSPEND, domain, { reason: 0 });
}

export function pmWakeup(world: World, domain: LabDomain): void {
  checkActive(domain);
  if (domain.state !== DomainState.pmSuspended) {
    throw new LabError(
      1,
      From.qemu,
      "internal error: unable to execute QEMU command 'system_wakeup': Unable to wake up: guest is not in suspended state",
    );
  }
  world.change(domain, () => domain.setState(DomainState.running, 8, world.now()));
  world.tell(domainEvents.PMWAKEUP, domain, { reason: 0 });
  tellLifecycle(world, domain, 'startedWakeup');
  resumePlans(domain);
}

/** The guest panics; QEMU keeps its memory for the one who looks into it. */
export function crash(world: World, domain: LabDomain): void {
  checkGuestRuns(domain);
  domain.cancelPlans();
  world.change(domain, () => domain.setState(DomainState.crashed, 1, world.now()));
  tellLifecycle(world, domain, 'crashedPanicked');
  setAgent(world, domain, 'disconnected', AgentEvent.channel);
}

/** The domain's process is gone; a transient domain goes with it. */
export function stop(
  world: World,
  domain: LabDomain,
  reason: number,
  event: 'stoppedShutdown' | 'stoppedDestroyed' | 'stoppedCrashed' | 'stoppedSaved',
): void {
  domain.cancelPlans();
  world.change(domain, () => {
    domain.id = -1;
    domain.agent = 'none';
    domain.hasLease &&= event === 'stoppedSaved';
    domain.setState(DomainState.shutOff, reason, world.now());
  });
  tellLifecycle(world, domain, event);
  if (!domain.persistent) world.remove(domain);
}

/** A domain cannot be plugged into a network that is not there. */
function checkNetworks({ networks }: World, { definition }: LabDomain): void {
  for (const { kind, source } of definition.nics) {
    if (kind === 'network' && !networks.find(source).active) {
      throw refuseNetwork.invalid(`network '${source}' is not active`);
    }
  }
}

/** A guest that is to do something itself must be running, not just be there. */
function checkGuestRuns(domain: LabDomain): void {
  checkActive(domain);
  checkNoJob(domain);
  if (domain.state !== DomainState.running) throw refuse.invalid('domain is not running');
}
