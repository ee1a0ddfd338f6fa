import { DOM } from '../../wire/objects.js';
import { proc } from '../../wire/procedure.js';
import { charArray, i32, list, str, struct, u64 } from '../../wire/xdr.js';

/**
 * Calls that this program never makes, but libvirt's own clients do. Numbers and layouts are those of
 * remote_protocol.x.
 */
export const olderProcedures = {
  DOMAIN_GET_OS_TYPE: proc(19, { dom: DOM }, { type: str }),
  DOMAIN_SET_MEMORY: proc(31, { dom: DOM, memory: u64 }, {}),
  CONNECT_NUM_OF_DOMAINS: proc(51, {}, { num: i32 }),
  DOMAIN_GET_SECURITY_LABEL_LIST: proc(
    278,
    { dom: DOM },
    { labels: list(struct({ label: charArray(4097), enforcing: i32 }), 64), ret: i32 },
  ),
};
