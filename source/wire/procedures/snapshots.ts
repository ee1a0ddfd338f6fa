import { CHKPT, DOM, SNAP } from '../objects.js';
import { proc } from '../procedure.js';
import { i32, list, maybe, str, u32 } from '../xdr.js';

/** Snapshots, checkpoints, backups. */
export const snapshots = {
  DOMAIN_LIST_ALL_SNAPSHOTS: proc(
    274,
    { dom: DOM, need_results: i32, flags: u32 },
    { snapshots: list(SNAP, 16_384), ret: i32 },
  ),
  DOMAIN_SNAPSHOT_LIST_ALL_CHILDREN: proc(
    275,
    { snapshot: SNAP, need_results: i32, flags: u32 },
    { snapshots: list(SNAP, 16_384), ret: i32 },
  ),
  DOMAIN_SNAPSHOT_CREATE_XML: proc(185, { dom: DOM, xml_desc: str, flags: u32 }, { snap: SNAP }),
  DOMAIN_REVERT_TO_SNAPSHOT: proc(192, { snap: SNAP, flags: u32 }, {}),
  DOMAIN_SNAPSHOT_DELETE: proc(193, { snap: SNAP, flags: u32 }, {}),
  DOMAIN_HAS_CURRENT_SNAPSHOT: proc(190, { dom: DOM, flags: u32 }, { result: i32 }),
  DOMAIN_SNAPSHOT_CURRENT: proc(191, { dom: DOM, flags: u32 }, { snap: SNAP }),
  DOMAIN_SNAPSHOT_GET_XML_DESC: proc(186, { snap: SNAP, flags: u32 }, { xml: str }),
  DOMAIN_SNAPSHOT_GET_PARENT: proc(244, { snap: SNAP, flags: u32 }, { snap: SNAP }),
  DOMAIN_SNAPSHOT_LOOKUP_BY_NAME: proc(189, { dom: DOM, name: str, flags: u32 }, { snap: SNAP }),
  DOMAIN_SNAPSHOT_NUM: proc(187, { dom: DOM, flags: u32 }, { num: i32 }),
  DOMAIN_SNAPSHOT_NUM_CHILDREN: proc(246, { snap: SNAP, flags: u32 }, { num: i32 }),
  DOMAIN_SNAPSHOT_IS_CURRENT: proc(271, { snap: SNAP, flags: u32 }, { current: i32 }),
  DOMAIN_SNAPSHOT_HAS_METADATA: proc(272, { snap: SNAP, flags: u32 }, { metadata: i32 }),
  DOMAIN_LIST_ALL_CHECKPOINTS: proc(
    413,
    { dom: DOM, need_results: i32, flags: u32 },
    { checkpoints: list(CHKPT, 16_384), ret: i32 },
  ),
  DOMAIN_CHECKPOINT_CREATE_XML: proc(411, { dom: DOM, xml_desc: str, flags: u32 }, { checkpoint: CHKPT }),
  DOMAIN_CHECKPOINT_GET_XML_DESC: proc(412, { checkpoint: CHKPT, flags: u32 }, { xml: str }),
  DOMAIN_CHECKPOINT_LOOKUP_BY_NAME: proc(415, { dom: DOM, name: str, flags: u32 }, { checkpoint: CHKPT }),
  DOMAIN_CHECKPOINT_GET_PARENT: proc(416, { checkpoint: CHKPT, flags: u32 }, { parent: CHKPT }),
  DOMAIN_CHECKPOINT_LIST_ALL_CHILDREN: proc(
    414,
    { checkpoint: CHKPT, need_results: i32, flags: u32 },
    { checkpoints: list(CHKPT, 16_384), ret: i32 },
  ),
  DOMAIN_CHECKPOINT_DELETE: proc(417, { checkpoint: CHKPT, flags: u32 }, {}),
  DOMAIN_BACKUP_BEGIN: proc(421, { dom: DOM, backup_xml: str, checkpoint_xml: maybe(str), flags: u32 }, {}),
  DOMAIN_BACKUP_GET_XML_DESC: proc(422, { dom: DOM, flags: u32 }, { xml: str }),
};
