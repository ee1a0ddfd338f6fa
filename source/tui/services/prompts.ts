import type { Ask, Prompt } from '../../transport/endpoint.js';
import type { InputEvent } from '../input/events.js';
import { editField, emptyField, fieldText, type TextField } from '../input/text-field.js';

/** A question of a host that is on the screen. */
export interface OpenPrompt {
  readonly prompt: Prompt;
  /** What is typed. */
  readonly field: TextField;
  /** Of a question of yes or no. */
  readonly choice: 'yes' | 'no';
  /** Questions behind it. */
  readonly waiting: number;
}

interface Asked {
  readonly prompt: Prompt;
  readonly resolve: (answer: string | undefined) => void;
}

/** Milliseconds without a key, before one counts: what was typed for the screen below is no answer. */
const quiet = 400;

/**
 * What hosts want to be told while connections are made: one question at a time, those of a host after each other.
 * Answers are kept nowhere.
 */
export class Prompts {
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #queue: readonly Asked[] = [];
  #open: OpenPrompt | undefined;
  #lastHost: string | undefined;
  #lastKey = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  readonly ask: Ask = (prompt, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const asked: Asked = { prompt, resolve: (answer) => this.#end(asked, answer, resolve) };
      signal.addEventListener('abort', () => asked.resolve(undefined), { once: true });
      const [shown, ...others] = this.#queue;
      const first = prompt.host === (shown?.prompt.host ?? this.#lastHost);
      const rest = first ? [asked, ...others] : [...others, asked];
      this.#queue = shown === undefined ? [asked] : [shown, ...rest];
      this.#show();
    });

  /** The same object until something of it changes. */
  readonly current = (): OpenPrompt | undefined => this.#open;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes every event while a question is open; true where one is. */
  readonly handle = (event: InputEvent): boolean => {
    const [asked] = this.#queue;
    const open = this.#open;
    if (asked === undefined || open === undefined) return false;
    // Ctrl-C ends the program here as everywhere.
    if (event.type === 'key' && event.name === 'ctrl-c') return false;
    const early = this.#now() - this.#lastKey < quiet;
    if (early) this.#lastKey = this.#now();
    else if (event.type === 'key' && event.name === 'escape') asked.resolve(undefined);
    else if (event.type === 'key' && event.name === 'enter')
      asked.resolve(open.prompt.kind === 'confirm' ? open.choice : fieldText(open.field));
    else if (open.prompt.kind === 'confirm') this.#choose(asked, open, event);
    else this.#set({ ...open, field: editField(open.field, event) ?? open.field });
    return true;
  };

  /** Nobody is there any more. */
  dispose(): void {
    for (const asked of this.#queue) asked.resolve(undefined);
  }

  #choose(asked: Asked, open: OpenPrompt, event: InputEvent): void {
    if (event.type !== 'key') return;
    const { choice } = open;
    if (event.name === 'y' || event.name === 'n') asked.resolve(event.name === 'y' ? 'yes' : 'no');
    else if (['left', 'right', 'tab', 'shift-tab'].includes(event.name))
      this.#set({ ...open, choice: choice === 'yes' ? 'no' : 'yes' });
  }

  #end(asked: Asked, answer: string | undefined, resolve: Asked['resolve']): void {
    if (this.#queue.includes(asked)) {
      this.#lastHost = asked.prompt.host;
      this.#queue = this.#queue.filter((one) => one !== asked);
      this.#show();
    }
    resolve(answer);
  }

  #show(): void {
    const [asked, ...rest] = this.#queue;
    if (asked === undefined) this.#set(undefined);
    else if (this.#open?.prompt === asked.prompt) this.#set({ ...this.#open, waiting: rest.length });
    else {
      this.#lastKey = this.#now();
      this.#set({ prompt: asked.prompt, field: emptyField, choice: 'no', waiting: rest.length });
    }
  }

  #set(open: OpenPrompt | undefined): void {
    this.#open = open;
    for (const listener of this.#listeners) listener();
  }
}
