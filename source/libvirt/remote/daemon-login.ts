import { userInfo } from 'node:os';
import type { Endpoint, TransportContext } from '../../transport/endpoint.js';
import { storedCredentials } from '../auth-config.js';
import { ErrorCode, LibvirtError } from '../errors.js';
import type { Credentials } from './sasl.js';

/** As often as ssh. */
const attempts = 3;

/** Name and password for one connection's daemon: of auth.conf, else of a person, who may try again. */
export class DaemonLogin {
  readonly #endpoint: Endpoint;
  readonly #context: TransportContext;
  #asked = 0;

  constructor(endpoint: Endpoint, context: TransportContext) {
    this.#endpoint = endpoint;
    this.#context = context;
  }

  /** Undefined where there are none, and nobody to be asked. */
  async credentials(): Promise<Credentials | undefined> {
    const { host = 'localhost', user: named, options } = this.#endpoint;
    const { env, ask, signal } = this.#context;
    const stored = await storedCredentials('libvirt', host, { env, file: options.authfile });
    if (this.#asked === 0 && stored?.user !== undefined && stored.password !== undefined)
      return { user: stored.user, password: stored.password };
    if (ask === undefined) return undefined;
    const again = this.#asked === 0 ? undefined : 'The host did not take that.';
    this.#asked += 1;
    const end = signal ?? new AbortController().signal;
    const user =
      stored?.user ??
      named ??
      (await ask({ host, kind: 'text', text: `Name for libvirt on ${host}:`, again }, end));
    if (user === undefined) throw declined();
    const password = await ask(
      { host, kind: 'secret', text: `Password of ${user || userInfo().username}:`, again },
      end,
    );
    if (password === undefined) throw declined();
    return { user: user || userInfo().username, password };
  }

  /** The daemon refused what a person had typed. */
  mayTryAgain(error: unknown): boolean {
    const refused = error instanceof LibvirtError && error.code === ErrorCode.authFailed;
    return refused && this.#asked > 0 && this.#asked < attempts;
  }
}

function declined(): LibvirtError {
  return new LibvirtError({ kind: 'aborted', message: 'the question was not answered' });
}
