import { proc } from '../procedure.js';
import { charArray, i32, list, str } from '../xdr.js';

/** Authentication: the only calls that a daemon accepts before it is done. */
export const auth = {
  AUTH_LIST: proc(66, {}, { types: list(i32, 20) }),
  AUTH_SASL_INIT: proc(67, {}, { mechlist: str }),
  AUTH_SASL_START: proc(
    68,
    { mech: str, nil: i32, data: charArray(65_536) },
    { complete: i32, nil: i32, data: charArray(65_536) },
  ),
  AUTH_SASL_STEP: proc(
    69,
    { nil: i32, data: charArray(65_536) },
    { complete: i32, nil: i32, data: charArray(65_536) },
  ),
  AUTH_POLKIT: proc(70, {}, { complete: i32 }),
};
