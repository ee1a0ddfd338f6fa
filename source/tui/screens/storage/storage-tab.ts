import type { Pool } from '../../../inventory/object-types.js';
import { type Binding, bind } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { FormPane } from '../../kit/form/form-pane.js';
import { listTab, type OnHost } from '../../services/list-tab.js';
import { offline } from '../../services/live-connection.js';
import { type PoolContext, poolBindings } from './pool-actions.js';
import { poolColumns, poolSymbol } from './pool-columns.js';
import { poolFacts } from './pool-facts.js';
import { poolForm } from './pool-form.js';
import { VolumesPane } from './volumes-pane.js';

/** The storage pools of a connection: a line of the table of tabs. */
export const storageTab = listTab<Pool>({
  title: 'Storage',
  watch: ({ host, connectionId }) => host.inventory.watchPools(connectionId),
  listing: ({ pools }) => pools,
  objects: ['pools', 'storage pools'],
  none: ['There is no storage pool.', 'n makes one: a directory, a volume group, an export.'],
  columns: () => poolColumns,
  symbol: poolSymbol,
  facts: (_connection, pool, cells, look) =>
    pool === undefined ? [] : drawFacts(poolFacts(pool), cells, look),
  bindings: (context, pool) => [
    ...bind([openBinding, ...poolBindings], pool && { ...context, pool }, 'Select a pool first.'),
    ...bind([newBinding], context),
  ],
});

const openBinding: Binding<PoolContext> = {
  keys: ['enter'],
  on: 'pool',
  help: 'the volumes of a pool',
  label: 'volumes',
  refusal: offline,
  run: ({ host, connectionId, pool: { uuid } }) =>
    host.panes.open(new VolumesPane({ host, connectionId, uuid })),
};

const newBinding: Binding<OnHost> = {
  keys: ['n'],
  help: 'new pool',
  label: 'new',
  refusal: (context) =>
    offline(context) ??
    (context.connection.pools.state === 'unsupported' ? 'This hypervisor has no storage pools.' : undefined),
  run: ({ host, connectionId, connection: { pools } }) =>
    host.panes.open(new FormPane({ ...host, form: poolForm(host, connectionId, pools.items) })),
};
