import { DomainState } from '../../libvirt/domain-state.js';
import type { LabDomain } from './domain.js';
import type { World } from './world.js';

/** Runs `run` when `seconds` have passed, unless another power action comes first. */
export function soon(world: World, domain: LabDomain, seconds: number, run: () => void): void {
  const cancel = world.clock.after(seconds * 1000, () => {
    forget();
    run();
  });
  const forget = domain.plan(cancel);
}

/**
 * Runs `run` when the guest has run for `seconds` more: what a guest does waits while it is paused. Another
 * power action calls it off.
 */
export function inGuestTime(world: World, domain: LabDomain, seconds: number, run: () => void): void {
  const due = domain.guestSeconds(world.now()) + seconds;
  const check = () => {
    if (domain.state !== DomainState.running) return domain.stall(check);
    const left = due - domain.guestSeconds(world.now());
    // A timer may fire a little early.
    if (left > 0.001) soon(world, domain, left, check);
    else run();
  };
  check();
}

/** Lets what was kept while the guest stood still go on. */
export function resumePlans(domain: LabDomain): void {
  for (const check of domain.takeStalled()) check();
}
