import { proc } from '../procedure.js';
import { i32, list } from '../xdr.js';

/** Authentication: the only calls that a daemon accepts before it is done. */
export const auth = {
  AUTH_LIST: proc(66, {}, { types: list(i32, 20) }),
  AUTH_POLKIT: proc(70, {}, { complete: i32 }),
};
