import type { TabKind } from '../../services/connection-tab.js';
import { networksTab } from '../networks/networks-tab.js';
import { storageTab } from '../storage/storage-tab.js';
import { overviewTab } from './overview-tab.js';

/** The tabs of the Connection screen, in their order. A new one is a new line here. */
export const connectionTabs: readonly TabKind[] = [overviewTab, networksTab, storageTab];
