import { DomainState } from '../../libvirt/domain-state.js';
import { refuse } from '../errors.js';
import type { LabDomain } from './domain.js';
import { soon } from './plans.js';
import { checkActive, checkNoJob, stop, tellLifecycle } from './power.js';
import type { World } from './world.js';

/** KiB of guest memory that are written per second. */
const saveSpeed = 2 * 1024 * 1024;

/**
 * Writes the guest's memory to disk and ends the domain; resolves when that is done, which takes the longer
 * the larger the guest is. Rejects when the domain is forced off meanwhile.
 */
export function managedSave(world: World, domain: LabDomain): Promise<void> {
  if (!domain.persistent) throw refuse.invalid('cannot do managed save for transient domain');
  checkActive(domain);
  checkNoJob(domain);
  domain.cancelPlans();
  world.change(domain, () => domain.setState(DomainState.paused, 3, world.now()));
  tellLifecycle(world, domain, 'suspendedPaused');
  return new Promise((resolve, reject) => {
    domain.job = {
      owner: 'remoteDispatchDomainManagedSave',
      abort() {
        domain.job = undefined;
        reject(refuse.failed('domain is not running'));
      },
    };
    soon(world, domain, 0.3 + domain.balloon / saveSpeed, () => {
      domain.job = undefined;
      domain.managedSave = true;
      stop(world, domain, 5, 'stoppedSaved');
      resolve();
    });
  });
}
