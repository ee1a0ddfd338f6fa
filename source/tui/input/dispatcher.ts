import type { InputEvent } from './events.js';

/** Returns true when it has dealt with the event; else the handler below is asked. */
export type InputHandler = (event: InputEvent) => boolean;

/** Who is asked first. Within one layer the newest handler is. */
export const Layer = {
  screen: 0,
  field: 1,
  dialog: 2,
  /** Keys that must work whatever is open. */
  global: 3,
} as const;

export type Layer = (typeof Layer)[keyof typeof Layer];

/**
 * The one place where input is handed out: a stack of handlers, highest layer first. A dialog or a text
 * field lies above the screen that opened it, so no key of it can reach the screen by accident.
 */
export class Dispatcher {
  readonly #handlers: { readonly layer: Layer; readonly handle: InputHandler }[] = [];

  /** Adds a handler; the returned function takes it away again. */
  register(layer: Layer, handle: InputHandler): () => void {
    const entry = { layer, handle };
    const after = this.#handlers.findIndex((other) => other.layer > layer);
    this.#handlers.splice(after === -1 ? this.#handlers.length : after, 0, entry);
    return () => {
      const at = this.#handlers.indexOf(entry);
      if (at !== -1) this.#handlers.splice(at, 1);
    };
  }

  /** Hands out events in order. Handlers may come and go in between. */
  dispatch(events: readonly InputEvent[]): void {
    for (const event of events) {
      for (let i = this.#handlers.length - 1; i >= 0; i -= 1) {
        if (this.#handlers[i]?.handle(event) === true) break;
      }
    }
  }
}
