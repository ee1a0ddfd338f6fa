import type { SafeText } from '../../../text/safe.js';
import { ask } from '../../kit/ask.js';
import { type Binding, bind } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { drawFrame } from '../../kit/frame.js';
import { ListPane } from '../../kit/list-pane.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { backBinding, screenHints } from '../../services/keys.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Task } from '../../services/tasks.js';
import { taskColumns, taskFacts } from './task-columns.js';

/** Opens the tasks over whatever is on the screen. Nothing where they are on top already. */
export function openTasks(host: ScreenHost): void {
  if (!(host.panes.top() instanceof TasksPane)) host.panes.open(new TasksPane(host));
}

/** What the keys of a task act on. */
interface TaskChoice {
  readonly host: ScreenHost;
  readonly task: Task;
}

const taskBindings: readonly Binding<TaskChoice>[] = [
  {
    keys: ['enter'],
    help: 'open the screen of a task that has one',
    label: 'open',
    refusal: ({ task }) => (task.open === undefined ? 'This task has no screen.' : undefined),
    run: ({ task }) => task.open?.(),
  },
  {
    keys: ['x'],
    help: 'cancel a running task (asks)',
    label: 'cancel',
    refusal: ({ task }) =>
      task.state !== 'running' ? 'It is over.' : task.cancelling ? 'It is being stopped.' : undefined,
    run: askCancel,
  },
];

/** Running and finished long work: how far, how fast, how long still, and why it failed. */
export class TasksPane implements Pane {
  readonly #host: ScreenHost;
  readonly #list: ListPane<Task>;

  constructor(host: ScreenHost) {
    const { look, tasks } = host;
    this.#host = host;
    this.#list = new ListPane<Task>({
      items: () => tasks.tasks,
      keyOf: ({ id }) => String(id),
      columns: taskColumns,
      empty: () => ['Nothing has been started yet.'],
      facts: {
        lines: 8,
        draw: (task, cells, now) => (task === undefined ? [] : drawFacts(taskFacts(task, now), cells, look)),
      },
    });
  }

  readonly bindings = (): readonly Binding[] => {
    const host = this.#host;
    const { tasks } = host;
    const task = this.#list.selected();
    const finished = tasks.tasks.some(({ state }) => state !== 'running');
    return [
      ...this.#list.bindings(),
      ...bind(taskBindings, task && { host, task }, 'There is no task.'),
      {
        keys: ['D'],
        help: 'take finished tasks off the list',
        label: 'clear finished',
        refusal: () => (finished ? undefined : 'None is finished.'),
        run: () => tasks.forgetFinished(),
      },
      backBinding(host, 'back; what runs goes on'),
    ];
  };

  draw(size: Size, now: number): readonly SafeText[] {
    const { look, tasks: store } = this.#host;
    const cells = size.columns;
    const { tasks, running } = store;
    return drawFrame(this.#host, size, {
      title: () =>
        look.spread(
          [['Tasks', 'title'], [`   ${running.length} running`]],
          [[`${tasks.length} in all`, 'faint']],
          cells,
        ),
      body: (body) => this.#list.draw(body, now, look),
      instead: () => (this.#list.tellsFacts ? undefined : this.#outcome(cells)),
      keys: screenHints(this.bindings(), look),
    });
  }

  /** Where there is no room for facts: why it failed, or what came of it. */
  #outcome(cells: number): SafeText | undefined {
    const { look } = this.#host;
    const { outcome, state } = this.#list.selected() ?? {};
    if (outcome === undefined) return undefined;
    const failed = state === 'failed';
    return look.line([[failed ? `Error: ${outcome}` : outcome, failed ? 'bad' : 'plain']], cells);
  }
}

function askCancel({ host, task }: TaskChoice): void {
  const fate = task.fate();
  ask(host, {
    title: 'Cancel this task?',
    lines: [task.title, `on ${task.connection}`, ...(fate === undefined ? [] : ['', fate])],
    yes: 'Cancel it',
    no: 'Let it run',
    confirm: () => host.tasks.cancel(task.id),
  });
}
