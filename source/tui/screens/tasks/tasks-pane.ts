import type { InputEvent } from '../../input/events.js';
import { keyLabel } from '../../kit/binding.js';
import { drawFacts } from '../../kit/facts.js';
import { drawKeys, drawNotice, type KeyHint } from '../../kit/frame.js';
import { ListCursor } from '../../kit/list-cursor.js';
import type { Pane } from '../../kit/pane.js';
import type { Size } from '../../kit/size.js';
import { drawTableRow, drawTableTitles, placeTable } from '../../kit/table.js';
import type { UiStore } from '../../kit/ui-state.js';
import type { ScreenHost } from '../../services/screen-host.js';
import type { Task, TaskStore } from '../../services/tasks.js';
import type { Look, Part } from '../../theme/look.js';
import { taskColumns, taskFacts } from './task-columns.js';

export interface TasksPaneOptions {
  readonly inventory: ScreenHost['inventory'];
  readonly ui: UiStore;
  readonly look: Look;
  readonly tasks: TaskStore;
}

/** Opens the tasks over whatever is on the screen. Nothing where they are on top already. */
export function openTasks(host: ScreenHost): void {
  if (host.panes.top() instanceof TasksPane) return;
  host.panes.open(new TasksPane(host));
}

const indent = 2;
/** Header, rule, titles, notice, footer. */
const chrome = 5;

/** Running and finished long work: how far, how fast, how long still, and why it failed. */
export class TasksPane implements Pane {
  readonly help = [
    ['↑ ↓', 'move'],
    ['⏎', 'open the screen of a task that has one'],
    ['x', 'cancel a running task (asks)'],
    ['D', 'take finished tasks off the list'],
    ['Esc', 'back; what runs goes on'],
  ] as const;
  readonly #options: TasksPaneOptions;
  readonly #cursor = new ListCursor();

  constructor(options: TasksPaneOptions) {
    this.#options = options;
  }

  close(): void {}

  draw(size: Size, now: number): readonly string[] {
    const { look, inventory, ui, tasks } = this.#options;
    const cells = size.columns;
    const all = tasks.tasks;
    const details = size.rows >= 20 ? Math.min(8, Math.floor(size.rows / 3)) : 0;
    const height = Math.max(1, size.rows - chrome - (details === 0 ? 0 : details + 1));
    const running = tasks.running.length;
    const [from, to] = this.#cursor.settle(all.length, height, (at) => String(all[at]?.id));
    const table = placeTable(taskColumns(now), cells, indent);
    const rows = all
      .slice(from, to)
      .map((task, at) =>
        drawTableRow(table, task, [['  ']], { selected: from + at === this.#cursor.at }, look),
      );
    const blank = ' '.repeat(cells);
    if (all.length === 0) rows.push(look.line([['  Nothing has been started yet.', 'faint']], cells));
    while (rows.length < height) rows.push(blank);
    const selected = all[this.#cursor.at];
    const facts = selected === undefined ? [] : drawFacts(taskFacts(selected, now), cells, look);
    const below = Array.from({ length: details }, (_, at) => facts[at] ?? blank);
    const state = inventory.store.getState();
    return [
      look.spread(
        [['Tasks', 'title'], [`   ${running} running`]],
        [[`${all.length} in all`, 'faint']],
        cells,
      ),
      look.rule(cells),
      drawTableTitles(table, look),
      ...rows,
      ...(details === 0 ? [] : [look.rule(cells), ...below]),
      details === 0 && selected !== undefined
        ? look.line(outcomePart(selected), cells)
        : (drawNotice(state, ui.getState(), cells, 1, look)[0] ?? blank),
      drawKeys(this.#keys(), cells, look),
    ];
  }

  handle(event: InputEvent): boolean {
    if (event.type !== 'key') return true;
    const { tasks } = this.#options;
    const all = tasks.tasks;
    if (this.#cursor.handle(event.name, all.length, (at) => String(all[at]?.id))) return true;
    if (event.name === 'enter') this.#selected()?.open?.();
    else if (event.name === 'x') this.#askCancel(event.chunk);
    else if (event.name === 'D') tasks.forgetFinished();
    else return false;
    return true;
  }

  #selected(): Task | undefined {
    const { tasks } = this.#options.tasks;
    return tasks.find(({ id }) => String(id) === this.#cursor.key) ?? tasks[0];
  }

  #askCancel(chunk: number): void {
    const { ui, tasks } = this.#options;
    const task = this.#selected();
    if (task?.state !== 'running' || task.cancelling) return;
    ui.setState({
      question: {
        title: 'Cancel this task?',
        lines: [task.title, `on ${task.connection}`, ...fateLines(task)],
        yes: 'Cancel it',
        no: 'Let it run',
        confirm: () => tasks.cancel(task.id),
        chunk,
        choice: 'no',
      },
    });
  }

  #keys(): KeyHint[] {
    const task = this.#selected();
    const hints: KeyHint[] = [];
    const { keys } = this.#options.look.glyphs;
    if (task?.open !== undefined) hints.push({ key: keyLabel('enter', keys), label: 'open' });
    if (task?.state === 'running' && !task.cancelling) hints.push({ key: 'x', label: 'cancel' });
    if (this.#options.tasks.tasks.some(({ state }) => state !== 'running'))
      hints.push({ key: 'D', label: 'clear finished' });
    hints.push({ key: 'Esc', label: 'back', always: true });
    return hints;
  }
}

/** Where there is no room for details: why it failed, or what came of it. */
function outcomePart({ outcome, state }: Task): Part[] {
  if (outcome === undefined) return [];
  return [[state === 'failed' ? `Error: ${outcome}` : outcome, state === 'failed' ? 'bad' : 'plain']];
}

function fateLines({ fate }: Task): readonly string[] {
  const text = fate();
  return text === undefined ? [] : ['', text];
}
