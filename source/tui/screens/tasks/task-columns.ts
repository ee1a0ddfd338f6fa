import { bytes } from '../../../text/size.js';
import { duration, percent, rate } from '../../../text/units.js';
import { bar } from '../../kit/bar.js';
import type { TableColumn } from '../../kit/table.js';
import type { Task, TaskState } from '../../services/tasks.js';
import type { Look } from '../../theme/look.js';
import type { StyleName } from '../../theme/styles.js';

/** After so long without a byte it counts as stalled: a rate or a remaining time would be false. */
const patience = 5000;

const stateStyles: Readonly<Record<TaskState, StyleName>> = {
  running: 'accent',
  done: 'good',
  failed: 'bad',
  cancelled: 'warning',
};

/** The columns of the list of tasks at a moment. */
export function taskColumns(now: number): readonly TableColumn<Task>[] {
  return [
    { id: 'task', title: 'TASK', min: 16, max: 60, rank: 0, cell: (task) => [titleOf(task)] },
    { id: 'host', title: 'HOST', min: 8, max: 20, rank: 6, cell: ({ connection }) => [connection] },
    {
      id: 'state',
      title: 'STATE',
      min: 10,
      max: 10,
      rank: 1,
      cell: (task) => [stateOf(task), stateStyles[task.state]],
    },
    {
      id: 'bar',
      title: '',
      min: 8,
      max: 30,
      rank: 4,
      cell: (task, cells, look) => [barOf(task, cells, look), 'chart'],
    },
    { id: 'share', title: '%', min: 4, max: 4, rank: 2, align: 'right', cell: (task) => [shareText(task)] },
    {
      id: 'rate',
      title: 'RATE',
      min: 9,
      max: 9,
      rank: 3,
      align: 'right',
      cell: (task) => [isStill(task, now) ? 'stalled' : rateText(task)],
    },
    {
      id: 'left',
      title: 'LEFT',
      min: 7,
      max: 8,
      rank: 5,
      align: 'right',
      cell: (task) => [leftText(task, now)],
    },
  ];
}

/** What there is to say of one task, by lines of label and text. */
export function taskFacts(task: Task, now: number): (readonly [string, readonly string[]])[] {
  const { progress, doing, outcome, hint } = task;
  const end = task.endedAt ?? now;
  const facts: (readonly [string, readonly string[]])[] = [
    ['Task', [task.title]],
    ['Host', [task.connection]],
    [
      'State',
      [`${stateOf(task)}, ${task.endedAt === undefined ? 'for' : 'after'} ${duration(end - task.startedAt)}`],
    ],
  ];
  if (doing !== undefined) facts.push(['Now', [doing]]);
  if (progress !== undefined) {
    const of = progress.total === undefined ? '' : ` of ${bytes(progress.total)}`;
    facts.push(['Done', [`${bytes(progress.bytes)}${of}`]]);
  }
  if (outcome !== undefined) facts.push([task.state === 'failed' ? 'Error' : 'Outcome', [outcome]]);
  if (hint !== undefined) facts.push(['Hint', [hint]]);
  return facts;
}

function titleOf({ title, doing, progress, state }: Task): string {
  const now = doing ?? (state === 'running' && progress?.checking ? 'reading it back' : undefined);
  return now === undefined ? title : `${title}: ${now}`;
}

function stateOf({ state, cancelling }: Task): string {
  return cancelling ? 'stopping' : state;
}

/** Of what is moved; what is waited for has none. */
function shareOf({ state, progress, doing }: Task): number | undefined {
  if (progress?.total === undefined || doing !== undefined) return undefined;
  if (state === 'done') return 1;
  return progress.total === 0 ? 0 : progress.bytes / progress.total;
}

function barOf(task: Task, cells: number, look: Look): string {
  const share = shareOf(task);
  return share === undefined ? '' : bar(share, cells, look);
}

function shareText(task: Task): string {
  const share = shareOf(task);
  // "100" is for what is done.
  return share === undefined ? '' : percent(task.state === 'done' ? 100 : Math.min(99, share * 100));
}

function isStill({ state, progress, doing }: Task, now: number): boolean {
  if (state !== 'running' || doing !== undefined) return false;
  return progress !== undefined && now - progress.at > patience;
}

function rateText({ state, progress, doing }: Task): string {
  if (state !== 'running' || doing !== undefined) return '';
  return progress?.rate === undefined ? '' : rate(progress.rate);
}

function leftText(task: Task, now: number): string {
  const { state, progress, doing } = task;
  if (state !== 'running' || doing !== undefined) return '';
  if (progress?.eta === undefined || isStill(task, now)) return '';
  return duration(progress.eta);
}
