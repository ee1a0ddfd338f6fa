import { refuse } from '../errors.js';
import type { HandlerTable } from '../server/handler.js';
import { cpuTime, vcpuSeconds } from '../world/counters.js';
import type { LabDomain } from '../world/domain.js';

/** Finding a domain, and what is to be said of one. */
export const domainLookup: HandlerTable = {
  DOMAIN_LOOKUP_BY_UUID({ uuid }, { world }) {
    return found(world.domains.get(uuid), `no domain with matching uuid '${uuid}'`);
  },
  DOMAIN_LOOKUP_BY_NAME({ name }, { world }) {
    return found(world.domainByName(name), `no domain with matching name '${name}'`);
  },
  DOMAIN_LOOKUP_BY_ID: ({ id }, { world }) => found(world.domainById(id), `no domain with matching id ${id}`),
  DOMAIN_GET_INFO({ dom }, { world }) {
    const domain = world.domain(dom);
    const { memory, currentMemory, vcpus } = domain.definition;
    return {
      state: domain.state,
      maxMem: memory,
      memory: domain.active ? domain.balloon : currentMemory,
      nrVirtCpu: vcpus,
      cpuTime: domain.active ? cpuTime(domain, vcpuSeconds(domain, domain.guestSeconds(world.now()))) : 0,
    };
  },
  DOMAIN_GET_STATE({ dom }, { world }) {
    const { state, reason } = world.domain(dom);
    return { state, reason };
  },
  DOMAIN_GET_CONTROL_INFO({ dom }, { world }) {
    const domain = world.domain(dom);
    if (!domain.active) throw refuse.invalid('domain is not running');
    return { state: domain.job === undefined ? 0 : 1, details: 0, stateTime: 0 };
  },
  DOMAIN_IS_ACTIVE: ({ dom }, { world }) => ({ active: Number(world.domain(dom).active) }),
  DOMAIN_IS_PERSISTENT: ({ dom }, { world }) => ({ persistent: Number(world.domain(dom).persistent) }),
  DOMAIN_IS_UPDATED: () => ({ updated: 0 }),
  DOMAIN_GET_OS_TYPE: () => ({ type: 'hvm' }),
  DOMAIN_GET_MAX_MEMORY: ({ dom }, { world }) => ({ memory: world.domain(dom).definition.memory }),
  DOMAIN_GET_MESSAGES: () => ({ msgs: [] }),
  DOMAIN_GET_DISK_ERRORS: () => ({ errors: [], nerrors: 0 }),
  DOMAIN_GET_SECURITY_LABEL: ({ dom }, { world }) => securityLabel(world.domain(dom)),
  DOMAIN_GET_SECURITY_LABEL_LIST({ dom }, { world }) {
    return { labels: [securityLabel(world.domain(dom))], ret: 1 };
  },
};

function found(domain: LabDomain | undefined, otherwise: string) {
  if (domain === undefined) throw refuse.noDomain(otherwise);
  return { dom: domain.wire };
}

function securityLabel({ active, uuid }: LabDomain) {
  const text = active ? `libvirt-${uuid}` : '';
  return { label: Buffer.from(`${text}\0`), enforcing: active ? 1 : 0 };
}
