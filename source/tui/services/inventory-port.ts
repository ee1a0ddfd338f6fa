import type { Inventory } from '../../inventory/inventory.js';

/** What the screens need of the inventory; tests bring one that calls no host. */
export type TuiInventory = Pick<
  Inventory,
  | 'store'
  | 'setExtraGroups'
  | 'add'
  | 'remove'
  | 'change'
  | 'connect'
  | 'disconnect'
  | 'setInterval'
  | 'refresh'
  | 'watchDomain'
  | 'lookClosely'
  | 'act'
  | 'openAnother'
  | 'ask'
  | 'operate'
  | 'readAllVolumes'
  | 'wantVolumes'
  | 'watchVolumes'
  | 'watchPools'
  | 'watchNetworks'
>;
