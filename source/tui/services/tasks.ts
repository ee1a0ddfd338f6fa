import { LibvirtError } from '../../libvirt/errors.js';
import { RateMeter, type TransferPace } from '../../libvirt/transfer/progress.js';

/** How far a piece of work is, in bytes; undefined where unknown. */
export interface TaskProgress extends TransferPace {
  /** Clock time of the newest piece of data. */
  readonly at: number;
}

export type TaskState = 'running' | 'done' | 'failed' | 'cancelled';

/** A piece of long work, running or finished; replaced (not changed) whenever something of it changes. */
export interface Task {
  readonly id: number;
  /** "upload debian.iso to default" */
  readonly title: string;
  /** Name of the connection that it works on. */
  readonly connection: string;
  readonly state: TaskState;
  /** Undefined for work that cannot tell how far it is. */
  readonly progress: TaskProgress | undefined;
  /** What it is doing or waiting for, where no byte count says so: "booting". */
  readonly doing: string | undefined;
  /** Leads to its own screen; undefined where it has none. */
  readonly open: (() => void) | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** What comes of it where it is cancelled now, in a sentence. */
  readonly fate: () => string | undefined;
  /** It was told to stop and has not yet. */
  readonly cancelling: boolean;
  /** What came of it, in a sentence. */
  readonly outcome: string | undefined;
  readonly hint: string | undefined;
}

/** What the work itself is given. */
export interface TaskControl {
  readonly signal: AbortSignal;
  /** Says how far it is; cheap enough to be called for every piece of data. */
  progress(bytes: number, total?: number, checking?: boolean): void;
  /** Says what it is doing or waiting for; undefined: the progress says enough. */
  say(doing: string | undefined): void;
}

export interface TaskSpec {
  readonly title: string;
  readonly connection: string;
  /** What cancelling leaves behind, e.g. of work that the host goes on with. */
  readonly whenCancelled?: string;
  /** The same as a sentence, of the moment in which it is asked; made of `whenCancelled` unless told. */
  readonly fate?: () => string | undefined;
  /** Leads to its own screen. */
  readonly open?: () => void;
  /** Does it; resolves with what came of it. Rejects when it failed, or when `signal` ended it. */
  work(control: TaskControl): Promise<string>;
}

/** Frames for progress, at most. Beginnings and ends are told at once. */
const tellEvery = 200;
const finishedKept = 50;

type Running = { readonly abort: AbortController; readonly meter: RateMeter };

/** Running and finished long work of one run of the program. */
export class TaskStore {
  readonly #changed: () => void;
  readonly #now: () => number;
  readonly #running = new Map<number, Running>();
  #tasks: readonly Task[] = [];
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  #leaving = false;

  constructor(changed: () => void, now: () => number = Date.now) {
    this.#changed = changed;
    this.#now = now;
  }

  /** Newest first. */
  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  get running(): readonly Task[] {
    return this.#tasks.filter(({ state }) => state === 'running');
  }

  /** The program is about to end: all were told to stop. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Begins a piece of work; the promise resolves with the finished task and never rejects. */
  run(spec: TaskSpec): Promise<Task> {
    const id = this.#nextId;
    this.#nextId += 1;
    const running: Running = { abort: new AbortController(), meter: new RateMeter() };
    this.#running.set(id, running);
    const { title, connection } = spec;
    this.#tasks = [
      {
        id,
        title,
        connection,
        state: 'running',
        progress: undefined,
        doing: undefined,
        open: spec.open,
        fate: spec.fate ?? (() => sentenceOf(spec.whenCancelled)),
        startedAt: this.#now(),
        endedAt: undefined,
        cancelling: false,
        outcome: undefined,
        hint: undefined,
      },
      ...this.#tasks,
    ];
    this.#changed();
    return this.#await(id, spec, running);
  }

  /** Tells a running task to stop. It is `cancelled` once it has. */
  cancel(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    this.#replace(id, { cancelling: true });
    running.abort.abort();
    this.#changed();
  }

  /** Tells everything that runs to stop; resolves when it has. */
  async cancelAll(): Promise<void> {
    this.#leaving = true;
    const ids = [...this.#running.keys()];
    for (const id of ids) this.cancel(id);
    while (ids.some((id) => this.#running.has(id))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Takes finished tasks off the list. */
  forgetFinished(): void {
    this.#tasks = this.running;
    this.#changed();
  }

  async #await(id: number, spec: TaskSpec, { abort, meter }: Running): Promise<Task> {
    const { signal } = abort;
    const progress: TaskControl['progress'] = (bytes, total, checking) => {
      if (signal.aborted) return;
      const at = this.#now();
      this.#replace(id, { progress: { ...meter.at(at, bytes, total, checking), at } });
      this.#tellSoon();
    };
    const say = (doing: string | undefined): void => {
      if (this.#tasks.find((task) => task.id === id)?.doing === doing) return;
      this.#replace(id, { doing });
      this.#tellSoon();
    };
    try {
      const outcome = await spec.work({ signal, progress, say });
      return this.#end(id, { state: 'done', outcome });
    } catch (reason) {
      const failure = reason instanceof LibvirtError ? reason : undefined;
      const message = reason instanceof Error ? reason.message : String(reason);
      const hint = failure?.hint;
      if (!signal.aborted) return this.#end(id, { state: 'failed', outcome: message, hint });
      // Whatever ended it after the cancel, the cancel is the reason; the host's own words are still worth showing.
      if (failure === undefined || failure.kind === 'aborted')
        return this.#end(id, { state: 'cancelled', outcome: spec.whenCancelled ?? 'cancelled' });
      return this.#end(id, { state: 'cancelled', outcome: `cancelled: ${message}`, hint });
    }
  }

  #end(id: number, change: Partial<Task>): Task {
    this.#running.delete(id);
    const task = this.#replace(id, { ...change, doing: undefined, cancelling: false, endedAt: this.#now() });
    const finished = this.#tasks.filter(({ state }) => state !== 'running').slice(finishedKept);
    this.#tasks = this.#tasks.filter((one) => !finished.includes(one));
    this.#tell();
    return task;
  }

  #replace(id: number, change: Partial<Task>): Task {
    this.#tasks = this.#tasks.map((task) => (task.id === id ? { ...task, ...change } : task));
    return this.#tasks.find((task) => task.id === id) as Task;
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), tellEvery);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed();
  }
}

/** "cancelled; the file is removed" as what will be: "The file is removed." */
function sentenceOf(whenCancelled: string | undefined): string | undefined {
  const text = whenCancelled?.replace(/^[^;:]*[;:] /, '');
  return text && `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
