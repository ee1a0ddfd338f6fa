import type { Pool } from '../../../inventory/object-types.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { formattedPools } from '../../../libvirt/storage.js';
import { holdersOfPool } from '../../../provision/volume-holders.js';
import { shortList } from '../../../text/units.js';
import { ask, choose } from '../../kit/ask.js';
import type { Binding } from '../../kit/binding.js';
import { editDefinition } from '../../services/edit-xml.js';
import { offline } from '../../services/live-connection.js';
import { hush, say } from '../../services/messages.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { staying } from '../../services/whereabouts.js';
import { describedPool } from './pool-facts.js';
import { readHost } from './storage-data.js';

export interface PoolContext {
  readonly host: ScreenHost;
  readonly connectionId: string;
  readonly pool: Pool;
}

const of = ({ name }: Pool): string => `pool ${name}`;
/** Why nothing can be done to a pool now, or not this. */
const unless =
  (refusal: (pool: Pool) => string | undefined): Binding<PoolContext>['refusal'] =>
  (context) => {
    const { pool } = context;
    const busy = pool.pending === undefined ? undefined : `${of(pool)}: ${pool.pending}, wait for its end`;
    return offline(context) ?? busy ?? refusal(pool);
  };
const stopped = (pool: Pool): string | undefined => (pool.active ? undefined : `${of(pool)} is not active`);
const transient = (pool: Pool): string | undefined =>
  pool.persistent ? undefined : `${of(pool)} is transient: stop it, and it is gone`;

/** The keys of pools; letters mean what they mean on everything else. */
export const poolBindings: readonly Binding<PoolContext>[] = [
  {
    keys: ['s'],
    on: 'pool',
    help: 'start the pool',
    label: 'start',
    refusal: unless((pool) => (pool.active ? `${of(pool)} is already active` : undefined)),
    run: (context) =>
      operate(context, 'starting', 'started', 'start', ({ pools }) => pools.start(context.pool)),
  },
  {
    keys: ['d'],
    on: 'pool',
    help: 'stop the pool: its data stays (asks)',
    label: 'stop',
    refusal: unless(stopped),
    run: (context) =>
      ask(context.host, {
        title: `Stop the pool ${context.pool.name}?`,
        lines: [
          'It is no longer looked after. Its data stays, and guests that run keep their disks.',
          ...(context.pool.persistent ? [] : ['It is transient: it is gone then.']),
        ],
        confirm: () =>
          operate(
            context,
            'stopping',
            context.pool.persistent ? 'stopped' : 'stopped, and gone: it was transient',
            'stop',
            ({ pools }) => pools.stop(context.pool),
          ),
      }),
  },
  {
    keys: ['A'],
    on: 'pool',
    help: 'autostart on or off',
    label: ({ pool }) => (pool.autostart ? 'autostart off' : 'autostart'),
    refusal: unless((pool) =>
      pool.persistent ? undefined : `${of(pool)} is transient: it cannot be started with the host`,
    ),
    run: (context) => {
      const on = !context.pool.autostart;
      operate(context, 'changing', `autostart ${on ? 'on' : 'off'}`, 'autostart', ({ pools }) =>
        pools.setAutostart(context.pool, on),
      );
    },
  },
  {
    keys: ['r'],
    on: 'pool',
    help: 'look for volumes anew',
    label: 'refresh pool',
    refusal: unless(stopped),
    run: (context) =>
      operate(context, 'refreshing', 'refreshed', 'refresh', ({ pools }) => pools.refresh(context.pool)),
  },
  {
    keys: ['B'],
    on: 'pool',
    help: 'build the pool: make its directory or file system (asks)',
    label: 'build',
    refusal: unless((pool) =>
      pool.active ? `${of(pool)} is active: stop it before it is built` : transient(pool),
    ),
    run: askBuild,
  },
  {
    keys: ['D'],
    on: 'pool',
    help: 'delete the pool, or the storage as well (asks)',
    label: 'delete',
    refusal: unless(transient),
    run: askDelete,
  },
  {
    keys: ['e'],
    on: 'pool',
    help: 'edit the XML in your editor',
    label: 'edit XML',
    refusal: offline,
    run: ({ host, connectionId, pool: { name, uuid, persistent } }) =>
      void editDefinition(host, connectionId, {
        title: `pool ${name}`,
        on: { kind: 'pool', uuid },
        read: ({ pools }) => pools.xml({ name, uuid }, { inactive: persistent }),
        define: ({ pools }, xml) => pools.define(xml),
      }),
  },
];

function operate(
  { host, connectionId, pool }: PoolContext,
  pending: string,
  done: string,
  verb: string,
  call: (hypervisor: Hypervisor) => Promise<unknown>,
): void {
  void host.inventory.operate(connectionId, {
    on: { kind: 'pool', uuid: pool.uuid },
    pending,
    done: `${of(pool)}: ${done}`,
    failed: `${of(pool)}: ${verb} failed`,
    call,
  });
}

function askBuild(context: PoolContext): void {
  const { pool } = context;
  const { name } = pool;
  const description = describedPool(pool);
  const build = (overwrite: boolean): void =>
    operate(context, 'building', 'built', 'build', ({ pools }) => pools.build(pool, { overwrite }));
  if (!formattedPools.has(description?.type ?? '')) {
    const place = description?.path === undefined ? '' : `: ${description.path} is made`;
    ask(context.host, {
      title: `Build the pool ${name}?`,
      lines: [`Its place is prepared${place}.`],
      confirm: () => build(false),
    });
    return;
  }
  const devices = description?.source.devices.join(', ') || 'its devices';
  choose(context.host, `Build the pool ${name}`, [
    ['No, leave it as it is', '', () => {}],
    ['Build it, unless something is on the device', '', () => build(false)],
    [
      'Build it over whatever is on the device',
      'data is lost',
      () =>
        ask(context.host, {
          title: `Overwrite ${devices}?`,
          lines: [`The pool ${name} is built over what is there.`, 'Everything on it is lost.'],
          confirm: () => build(true),
        }),
    ],
  ]);
}

function askDelete(context: PoolContext): void {
  const { pool } = context;
  const { name } = pool;
  const remove =
    (storage: boolean) =>
    async ({ pools }: Hypervisor): Promise<void> => {
      if (pool.active) await pools.stop(pool);
      if (storage) await pools.delete(pool);
      await pools.undefine(pool);
    };
  const path = describedPool(pool)?.path;
  choose(context.host, `Delete the pool ${name}`, [
    ['No, keep it', '', () => {}],
    [
      'Delete the definition only',
      'data stays',
      () => operate(context, 'deleting', 'deleted, its data is still there', 'delete', remove(false)),
    ],
    [
      'Delete the definition and the storage',
      'data is lost',
      () =>
        void askStorage(context, path, () =>
          operate(context, 'deleting', 'deleted, and its storage with it', 'delete', remove(true)),
        ),
    ],
  ]);
}

/** A group of logical volumes goes with all of them, whoever has one: they are named first. */
async function askStorage(
  { host, connectionId, pool: { name } }: PoolContext,
  path: string | undefined,
  confirm: () => void,
): Promise<void> {
  const stays = staying(host);
  say(host, { level: 'info', text: `Looking who uses the pool ${name}${host.look.glyphs.pending}` });
  const users = await readHost({ host, connectionId }).then(
    (found) => holdersOfPool(found, name),
    (error: Error) => [`perhaps anybody: ${error.message}`],
  );
  if (!stays()) return;
  hush(host);
  ask(host, {
    title: `Delete the storage of the pool ${name}?`,
    lines: [
      `${path ?? 'Its storage'} is removed from the host, with all that is in it as far as its type can.`,
      ...(users.length === 0 ? [] : [`In use, and they break: ${shortList(users)}.`]),
      'This cannot be undone.',
    ],
    confirm,
  });
}
