import { proc } from '../procedure.js';
import { charArray, i32, list, str } from '../xdr.js';

/** REMOTE_AUTH_SASL_DATA_MAX of remote_protocol.x */
const saslDataLimit = 65_536;

const saslData = { nil: i32, data: charArray(saslDataLimit) };

/** Authentication: the only calls that a daemon accepts before it is done. */
export const auth = {
  AUTH_LIST: proc(66, {}, { types: list(i32, 20) }),
  AUTH_SASL_INIT: proc(67, {}, { mechanisms: str }),
  AUTH_SASL_START: proc(68, { mechanism: str, ...saslData }, { complete: i32, ...saslData }),
  AUTH_SASL_STEP: proc(69, saslData, { complete: i32, ...saslData }),
  AUTH_POLKIT: proc(70, {}, { complete: i32 }),
};
