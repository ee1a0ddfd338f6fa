import { ParamType } from '../../wire/typed-params.js';
import type { HandlerTable } from '../server/handler.js';

/** virDomainJobType */
const JobType = { none: 0, unbounded: 2 } as const;

/** Long jobs; a managed save is the only one so far. */
export const jobs: HandlerTable = {
  DOMAIN_GET_JOB_INFO({ dom }, { world }) {
    const { job, balloon } = world.domain(dom);
    const memory = job === undefined ? 0 : balloon * 1024;
    return {
      type: job === undefined ? JobType.none : JobType.unbounded,
      timeElapsed: 0,
      timeRemaining: 0,
      dataTotal: memory,
      dataProcessed: 0,
      dataRemaining: memory,
      memTotal: memory,
      memProcessed: 0,
      memRemaining: memory,
      fileTotal: 0,
      fileProcessed: 0,
      fileRemaining: 0,
    };
  },
  DOMAIN_GET_JOB_STATS({ dom }, { world }) {
    const { job, balloon } = world.domain(dom);
    if (job === undefined) return { type: JobType.none, params: [] };
    const total = { field: 'memory_total', type: ParamType.ullong, value: balloon * 1024 };
    return { type: JobType.unbounded, params: [total] };
  },
};
