import type { HandlerTable } from '../server/handler.js';
import { managedSave } from '../world/managed-save.js';
import {
  destroy,
  pmSuspend,
  pmWakeup,
  reboot,
  reset,
  resume,
  type StartOptions,
  shutdown,
  start,
  suspend,
} from '../world/power.js';

/** virDomainCreateFlags */
const StartFlag = { paused: 1, forceBoot: 8 } as const;

export function startOptions(flags: number): StartOptions {
  return { paused: (flags & StartFlag.paused) !== 0, forceBoot: (flags & StartFlag.forceBoot) !== 0 };
}

/** Power. */
export const domainPower: HandlerTable = {
  DOMAIN_CREATE: ({ dom }, { world }) => start(world, world.domain(dom)),
  DOMAIN_CREATE_WITH_FLAGS({ dom, flags }, { world }) {
    const domain = world.domain(dom);
    start(world, domain, startOptions(flags));
    return { dom: domain.wire };
  },
  DOMAIN_SHUTDOWN: ({ dom }, { world }) => shutdown(world, world.domain(dom)),
  DOMAIN_SHUTDOWN_FLAGS: ({ dom }, { world }) => shutdown(world, world.domain(dom)),
  DOMAIN_REBOOT: ({ dom }, { world }) => reboot(world, world.domain(dom)),
  DOMAIN_RESET: ({ dom }, { world }) => reset(world, world.domain(dom)),
  DOMAIN_DESTROY: ({ dom }, { world }) => destroy(world, world.domain(dom)),
  DOMAIN_DESTROY_FLAGS: ({ dom }, { world }) => destroy(world, world.domain(dom)),
  DOMAIN_SUSPEND: ({ dom }, { world }) => suspend(world, world.domain(dom)),
  DOMAIN_RESUME: ({ dom }, { world }) => resume(world, world.domain(dom)),
  DOMAIN_PM_SUSPEND_FOR_DURATION: ({ dom }, { world }) => pmSuspend(world, world.domain(dom)),
  DOMAIN_PM_WAKEUP: ({ dom }, { world }) => pmWakeup(world, world.domain(dom)),
  DOMAIN_MANAGED_SAVE: ({ dom }, { world }) => managedSave(world, world.domain(dom)),
  DOMAIN_HAS_MANAGED_SAVE_IMAGE: ({ dom }, { world }) => ({ result: Number(world.domain(dom).managedSave) }),
  DOMAIN_MANAGED_SAVE_REMOVE: ({ dom }, { world }) => (world.domain(dom).managedSave = false),
};
