import { From, LabError, refuse } from '../errors.js';
import { type HandlerTable, StreamReply } from '../server/handler.js';
import { LabConsole } from '../world/console/console.js';
import type { Definition } from '../world/definition.js';
import { checkActive } from '../world/power.js';
import { checkFlags } from './flags.js';

/** virDomainConsoleFlags */
const ConsoleFlag = { force: 1, safe: 2 } as const;
/** As QEMU's driver calls the first of them. */
const aliases = ['serial0', 'console0'];

/** Serial consoles: one client at a time has a domain's. */
export const domainConsole: HandlerTable = {
  DOMAIN_OPEN_CONSOLE({ dom, dev_name, flags }, { world }) {
    checkFlags(flags, ConsoleFlag.force | ConsoleFlag.safe, 'qemuDomainOpenConsole');
    const domain = world.domain(dom);
    checkActive(domain);
    if (!hasConsole(domain.definition) || (dev_name !== undefined && !aliases.includes(dev_name))) {
      const name = dev_name ?? '<null>';
      throw new LabError(1, From.qemu, `internal error: cannot find character device ${name}`);
    }
    if (domain.console !== undefined) {
      if ((flags & ConsoleFlag.force) === 0) {
        throw refuse.failed('Active console session exists for this domain');
      }
      domain.console.end();
    }
    const console = new LabConsole(world, domain);
    domain.console = console;
    return new StreamReply({}, console);
  },
};

function hasConsole({ xml }: Definition): boolean {
  return xml === undefined || /<(?:serial|console)\b/.test(xml);
}
