import { DomainState } from '../../libvirt/domain-state.js';
import { LabError } from '../errors.js';
import type { LabDomain } from './domain.js';
import { crash, destroy, reboot, resume, shutdown, start, suspend } from './power.js';
import type { Random } from './random.js';
import type { World } from './world.js';

interface Change {
  readonly share: number;
  readonly from: DomainState;
  run(world: World, domain: LabDomain): void;
}

/** What other people, and the guests themselves, do to a host over a day. */
const changes: readonly Change[] = [
  { share: 0.3, from: DomainState.running, run: reboot },
  { share: 0.2, from: DomainState.running, run: shutdown },
  { share: 0.3, from: DomainState.shutOff, run: (world, domain) => start(world, domain) },
  { share: 0.06, from: DomainState.running, run: suspend },
  { share: 0.08, from: DomainState.paused, run: resume },
  { share: 0.02, from: DomainState.running, run: crash },
  { share: 0.04, from: DomainState.crashed, run: destroy },
];

/** Attempts to find a domain in the state that a change begins with. */
const attempts = 40;

/** One change to a domain chosen at random; nothing when no domain is in the right state. */
export function changeSomething(world: World, random: Random): void {
  let draw = random.next();
  const change = changes.find(({ share }) => {
    draw -= share;
    return draw < 0;
  });
  const domains = [...world.domains.values()];
  for (let attempt = 0; change !== undefined && attempt < attempts; attempt += 1) {
    const domain = random.pick(domains);
    if (domain?.state !== change.from || domain.job !== undefined) continue;
    try {
      change.run(world, domain);
    } catch (error) {
      // Others meet refusals, too: nothing happens then.
      if (!(error instanceof LabError)) throw error;
    }
    return;
  }
}

/** Changes something `perMinute` times a minute, until the returned function is called. */
export function startChurn(world: World, perMinute: number): () => void {
  if (perMinute <= 0) return () => {};
  let cancel = () => {};
  const next = () => {
    const pause = (60_000 / perMinute) * world.random.between(0.5, 1.5);
    cancel = world.clock.after(pause, () => {
      changeSomething(world, world.random);
      next();
    });
  };
  next();
  return () => cancel();
}
