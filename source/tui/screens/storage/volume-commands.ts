import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { KeyEvent } from '../../input/events.js';
import type { Form } from '../../kit/form/form.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { ChainPane } from './chain-pane.js';
import { cloneForm } from './clone-form.js';
import type { PoolPlace } from './storage-data.js';
import { askDelete, askWipe } from './volume-danger.js';
import { newVolumeForm, resizeForm } from './volume-forms.js';
import { VolumePane } from './volume-pane.js';
import { downloadForm, uploadForm } from './volume-transfers.js';

export interface PoolChoice {
  readonly place: PoolPlace;
  readonly pool: Pool;
  /** Selects a volume in the list, once it is there. */
  readonly select: (name: string) => void;
}

export interface VolumeChoice extends PoolChoice {
  readonly volume: Volume;
}

interface Command<T> {
  readonly key: string;
  readonly label: string;
  readonly help: string;
  readonly run: (choice: T, event: KeyEvent) => void;
}

function open({ place: { host } }: PoolChoice, form: Form): void {
  host.panes.open(new FormPane({ ...host, form }));
}

/** What keys do to the selected volume. */
export const volumeCommands: readonly Command<VolumeChoice>[] = [
  {
    key: 'enter',
    label: 'details',
    help: 'all there is to know of a volume, and its XML',
    run: ({ place, volume }) => place.host.panes.open(new VolumePane(place, volume.name)),
  },
  {
    key: 'b',
    label: 'backing chain',
    help: 'what a volume stands on, and what stands on it',
    run: ({ place, volume }) => place.host.panes.open(new ChainPane(place, volume.name)),
  },
  {
    key: 'z',
    label: 'resize',
    help: 'another capacity (asks before it shrinks)',
    run: (choice) => open(choice, resizeForm(choice)),
  },
  { key: 'C', label: 'clone', help: 'clone a volume', run: (choice) => open(choice, cloneForm(choice)) },
  {
    key: 'x',
    label: 'download',
    help: 'download a volume to a file on this machine',
    run: (choice) => open(choice, downloadForm(choice)),
  },
  { key: 'D', label: 'delete', help: 'delete a volume (asks)', run: askDelete },
  { key: 'W', label: 'wipe', help: 'overwrite what is in a volume (asks)', run: askWipe },
];

/** What keys do to the pool. */
export const poolCommands: readonly Command<PoolChoice>[] = [
  { key: 'n', label: 'new', help: 'new volume', run: (choice) => open(choice, newVolumeForm(choice)) },
  {
    key: 'u',
    label: 'upload',
    help: 'upload a file of this machine as a new volume',
    run: (choice) => open(choice, uploadForm(choice)),
  },
  {
    key: 'r',
    label: 'refresh',
    help: 'look for volumes anew',
    run: ({ place: { host, connectionId }, pool }) =>
      void host.inventory.operate(connectionId, {
        on: { kind: 'pool', uuid: pool.uuid },
        pending: 'refreshing',
        done: `pool ${pool.name}: refreshed`,
        failed: `pool ${pool.name}: refresh failed`,
        call: ({ pools }) => pools.refresh(pool),
      }),
  },
];
