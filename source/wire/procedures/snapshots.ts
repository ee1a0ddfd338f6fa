import { DOM, SNAP } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, list, str, u32 } from '../xdr.js';

/** Snapshots, checkpoints, backups. */
export const snapshots = {
  DOMAIN_LIST_ALL_SNAPSHOTS: proc(
    274,
    { dom: DOM, need_results: i32, flags: u32 },
    { snapshots: list(SNAP, 16_384), ret: i32 },
  ),
  DOMAIN_SNAPSHOT_GET_XML_DESC: proc(186, { snap: SNAP, flags: u32 }, { xml: str }),
  DOMAIN_BACKUP_GET_XML_DESC: proc(422, { dom: DOM, flags: u32 }, { xml: str }),
};
