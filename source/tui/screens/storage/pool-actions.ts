import type { Pool } from '../../../inventory/object-types.js';
import type { Hypervisor } from '../../../libvirt/hypervisor.js';
import { formattedPools } from '../../../libvirt/storage.js';
import type { KeyEvent } from '../../input/events.js';
import { choose } from '../../kit/choose.js';
import { say } from '../../services/domain-action.js';
import type { ScreenHost } from '../../services/screen-host.js';
import { describedPool } from './pool-facts.js';

/** Something a key does to a pool. */
export interface PoolAction {
  readonly key: string;
  readonly help: string;
  readonly label: (pool: Pool) => string;
  /** Why it does not apply now. */
  readonly refusal: (pool: Pool) => string | undefined;
  readonly begin: (context: PoolContext, event: KeyEvent) => void;
}

export interface PoolContext {
  readonly host: ScreenHost;
  readonly connectionId: string;
  readonly pool: Pool;
}

const of = ({ name }: Pool): string => `pool ${name}`;
const stopped = (pool: Pool): string | undefined => (pool.active ? undefined : `${of(pool)} is not active`);
const transient = (pool: Pool): string | undefined =>
  pool.persistent ? undefined : `${of(pool)} is transient: stop it, and it is gone`;

/** The keys of pools; letters mean what they mean on everything else. */
export const poolActions: readonly PoolAction[] = [
  {
    key: 's',
    help: 'start the pool',
    label: () => 'start',
    refusal: (pool) => (pool.active ? `${of(pool)} is already active` : undefined),
    begin: (context) =>
      run(context, 'starting', 'started', 'start', ({ pools }) => pools.start(context.pool)),
  },
  {
    key: 'd',
    help: 'stop the pool: its data stays (asks)',
    label: () => 'stop',
    refusal: stopped,
    begin: (context, event) =>
      ask(
        context,
        event,
        `Stop the pool ${context.pool.name}?`,
        [
          'It is no longer looked after. Its data stays, and guests that run keep their disks.',
          ...(context.pool.persistent ? [] : ['It is transient: it is gone then.']),
        ],
        () =>
          run(
            context,
            'stopping',
            context.pool.persistent ? 'stopped' : 'stopped, and gone: it was transient',
            'stop',
            ({ pools }) => pools.stop(context.pool),
          ),
      ),
  },
  {
    key: 'A',
    help: 'autostart on or off',
    label: ({ autostart }) => (autostart ? 'autostart off' : 'autostart'),
    refusal: (pool) =>
      pool.persistent ? undefined : `${of(pool)} is transient: it cannot be started with the host`,
    begin: (context) => {
      const on = !context.pool.autostart;
      run(context, 'changing', `autostart ${on ? 'on' : 'off'}`, 'autostart', ({ pools }) =>
        pools.setAutostart(context.pool, on),
      );
    },
  },
  {
    key: 'r',
    help: 'look for volumes anew',
    label: () => 'refresh pool',
    refusal: stopped,
    begin: (context) =>
      run(context, 'refreshing', 'refreshed', 'refresh', ({ pools }) => pools.refresh(context.pool)),
  },
  {
    key: 'B',
    help: 'build the pool: make its directory or file system (asks)',
    label: () => 'build',
    refusal: (pool) => (pool.active ? `${of(pool)} is active: stop it before it is built` : transient(pool)),
    begin: askBuild,
  },
  {
    key: 'D',
    help: 'delete the pool, or the storage as well (asks)',
    label: () => 'delete',
    refusal: transient,
    begin: askDelete,
  },
];

/** Does what a key stands for to a pool, or says why it cannot be done. */
export function runPoolAction(context: PoolContext, action: PoolAction, event: KeyEvent): void {
  const { pool, host } = context;
  const reason =
    pool.pending === undefined ? action.refusal(pool) : `${of(pool)}: ${pool.pending}, wait for its end`;
  if (reason === undefined) action.begin(context, event);
  else say(host, { level: 'warning', text: reason });
}

function run(
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

function ask(
  { host }: PoolContext,
  { chunk }: Pick<KeyEvent, 'chunk'>,
  title: string,
  lines: readonly string[],
  confirm: () => void,
): void {
  host.ui.setState({ question: { title, lines, yes: 'Yes', no: 'No', confirm, chunk, choice: 'no' } });
}

function askBuild(context: PoolContext, event: KeyEvent): void {
  const { pool } = context;
  const { name } = pool;
  const description = describedPool(pool);
  const build = (overwrite: boolean): void =>
    run(context, 'building', 'built', 'build', ({ pools }) => pools.build(pool, { overwrite }));
  if (!formattedPools.has(description?.type ?? '')) {
    const place = description?.path === undefined ? '' : `: ${description.path} is made`;
    ask(context, event, `Build the pool ${name}?`, [`Its place is prepared${place}.`], () => build(false));
    return;
  }
  const devices = description?.source.devices.join(', ') || 'its devices';
  choose(context.host, event, `Build the pool ${name}`, [
    ['No, leave it as it is', '', () => {}],
    ['Build it, unless something is on the device', '', () => build(false)],
    [
      'Build it over whatever is on the device',
      'data is lost',
      ({ chunk }) =>
        ask(
          context,
          { chunk },
          `Overwrite ${devices}?`,
          [`The pool ${name} is built over what is there.`, 'Everything on it is lost.'],
          () => build(true),
        ),
    ],
  ]);
}

function askDelete(context: PoolContext, event: KeyEvent): void {
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
  choose(context.host, event, `Delete the pool ${name}`, [
    ['No, keep it', '', () => {}],
    [
      'Delete the definition only',
      'data stays',
      () => run(context, 'deleting', 'deleted, its data is still there', 'delete', remove(false)),
    ],
    [
      'Delete the definition and the storage',
      'data is lost',
      ({ chunk }) =>
        ask(
          context,
          { chunk },
          `Delete the storage of the pool ${name}?`,
          [
            `${path ?? 'Its storage'} is removed from the host, with all that is in it as far as its type can.`,
            'This cannot be undone.',
          ],
          () => run(context, 'deleting', 'deleted, and its storage with it', 'delete', remove(true)),
        ),
    ],
  ]);
}
