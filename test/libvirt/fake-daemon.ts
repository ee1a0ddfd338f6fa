import { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { Channel } from '../../source/wire/channel.js';
import type { Frame } from '../../source/wire/framing.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { decode } from '../../source/wire/xdr.js';
import { ScriptedPeer } from '../wire/peer.js';

type Name = keyof typeof procedures;

/** A "no" of the daemon. */
export class No {
  constructor(
    readonly code: number,
    readonly message = 'no',
  ) {}
}

/** An answer that depends on the arguments. (Named, since Biome takes functions in capitals for components.) */
export function by<A>(answer: (args: A) => unknown): (args: A) => unknown {
  return answer;
}

/** What a daemon answers: a value, a function of the arguments, or undefined for silence. */
export type Answers = { readonly [N in Name]?: unknown };

const byNumber = new Map(
  Object.entries(procedures as unknown as Record<string, Procedure<unknown, unknown>>).map(
    ([name, procedure]) => [`${procedure.program}/${procedure.number}`, { name: name as Name, procedure }],
  ),
);

/** A daemon in memory that answers each procedure as a test says, and "unknown procedure" to all others. */
export class FakeDaemon {
  readonly peer = new ScriptedPeer();
  readonly channel = new Channel(this.peer.client);
  /** Every call so far, with its arguments. */
  readonly calls: { readonly name: Name; readonly args: unknown }[] = [];
  #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
    void this.#serve();
  }

  /** A connection to this daemon, past authentication. */
  hypervisor(): RemoteHypervisor {
    return new RemoteHypervisor(this.channel);
  }

  /** Names of the procedures called so far. */
  get names(): Name[] {
    return this.calls.map(({ name }) => name);
  }

  /** Other answers from now on. */
  answer(answers: Answers): void {
    this.#answers = { ...this.#answers, ...answers };
  }

  async #serve(): Promise<void> {
    for (;;) this.#handle(await this.peer.next());
  }

  #handle(frame: Frame): void {
    const known = byNumber.get(`${frame.program}/${frame.procedure}`);
    if (known === undefined) throw new Error(`a call of ${frame.program}/${frame.procedure}`);
    const { name, procedure } = known;
    const args = decode(procedure.args, frame.payload);
    this.calls.push({ name, args });
    const unknown = new No(39, `unknown procedure: ${frame.procedure}`);
    const answer = name in this.#answers ? this.#answers[name] : unknown;
    const value = typeof answer === 'function' ? answer(args) : answer;
    if (value instanceof No) this.peer.refuse(frame, value.code, value.message);
    else if (value !== undefined) this.peer.reply(frame, procedure, value);
  }
}
