import { DOM } from '../objects.js';
import { proc } from '../procedure.js';
import { typedParams } from '../typed-params.js';
import { i32, u32, u64 } from '../xdr.js';

/** Block jobs, migration, jobs. */
export const jobs = {
  DOMAIN_GET_JOB_INFO: proc(
    163,
    { dom: DOM },
    {
      type: i32,
      timeElapsed: u64,
      timeRemaining: u64,
      dataTotal: u64,
      dataProcessed: u64,
      dataRemaining: u64,
      memTotal: u64,
      memProcessed: u64,
      memRemaining: u64,
      fileTotal: u64,
      fileProcessed: u64,
      fileRemaining: u64,
    },
  ),
  DOMAIN_GET_JOB_STATS: proc(298, { dom: DOM, flags: u32 }, { type: i32, params: typedParams(64) }),
};
