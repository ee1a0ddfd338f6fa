import type { Pool, Volume } from '../../../inventory/object-types.js';
import type { Binding } from '../../kit/binding.js';
import type { Form } from '../../kit/form/form.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { offline } from '../../services/live-connection.js';
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

/** Why nothing can be done to the pool or its volumes now. */
function refusal({ place, pool }: PoolChoice): string | undefined {
  return offline(place) ?? (pool.active ? undefined : `The pool ${pool.name} is not active: start it first.`);
}

function open({ place: { host } }: PoolChoice, form: Form): void {
  host.panes.open(new FormPane({ ...host, form }));
}

/** What keys do to the selected volume. */
const onVolume: readonly Omit<Binding<VolumeChoice>, 'on' | 'refusal'>[] = [
  {
    keys: ['enter'],
    label: 'details',
    help: 'all there is to know of a volume, and its XML',
    run: ({ place, volume }) => place.host.panes.open(new VolumePane(place, volume.name)),
  },
  {
    keys: ['b'],
    label: 'backing chain',
    help: 'what a volume stands on, and what stands on it',
    run: ({ place, volume }) => place.host.panes.open(new ChainPane(place, volume.name)),
  },
  {
    keys: ['z'],
    label: 'resize',
    help: 'another capacity (asks before it shrinks)',
    run: (choice) => open(choice, resizeForm(choice)),
  },
  { keys: ['C'], label: 'clone', help: 'clone a volume', run: (choice) => open(choice, cloneForm(choice)) },
  {
    keys: ['x'],
    label: 'download',
    help: 'download a volume to a file on this machine',
    run: (choice) => open(choice, downloadForm(choice)),
  },
  { keys: ['D'], label: 'delete', help: 'delete a volume (asks)', run: askDelete },
  { keys: ['W'], label: 'wipe', help: 'overwrite what is in a volume (asks)', run: askWipe },
];

/** What keys do to the pool. */
const onPool: readonly Omit<Binding<PoolChoice>, 'on' | 'refusal'>[] = [
  { keys: ['n'], label: 'new', help: 'new volume', run: (choice) => open(choice, newVolumeForm(choice)) },
  {
    keys: ['u'],
    label: 'upload',
    help: 'upload a file of this machine as a new volume',
    run: (choice) => open(choice, uploadForm(choice)),
  },
  {
    keys: ['r'],
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

export const volumeBindings: readonly Binding<VolumeChoice>[] = onVolume.map((one) => ({
  ...one,
  on: 'volume',
  refusal,
}));

export const newVolumeBindings: readonly Binding<PoolChoice>[] = onPool.map((one) => ({ ...one, refusal }));
