import { type SafeText, safe } from '../../text/safe.js';
import { duration } from '../../text/units.js';

const drawEvery = 1000;

/**
 * The machines whose addresses are waited for, as one line of a terminal: guests say nothing for long, and a line
 * that counts shows that the program does not hang.
 */
export class Waiting {
  readonly #draw: (text: SafeText) => void;
  /** What each one's console said last. */
  readonly #machines = new Map<string, string>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(draw: (text: SafeText) => void) {
    this.#draw = draw;
  }

  tell(machine: string, lastWords: string): void {
    this.#machines.set(machine, lastWords);
    if (this.#timer === undefined) {
      this.#since = performance.now();
      this.#timer = setInterval(() => this.#show(), drawEvery).unref();
    }
    this.#show();
  }

  end(machine: string): void {
    this.#machines.delete(machine);
    if (this.#machines.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #show(): void {
    const { size } = this.#machines;
    const [whose, them] = size === 1 ? ['its address', 'it'] : [`${size} addresses`, 'them'];
    const said = [...this.#machines.values()].findLast((line) => line !== '');
    const waited = duration(performance.now() - this.#since);
    this.#draw(
      safe(`waiting for ${whose}, ${waited} (Ctrl-C leaves ${them} running)${said ? `: ${said}` : ''}`),
    );
  }
}
