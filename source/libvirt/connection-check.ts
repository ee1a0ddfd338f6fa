import type { Endpoint } from '../transport/endpoint.js';
import { isSshName, noSshName } from '../transport/ssh/arguments.js';
import { type ClientConfig, resolveUri } from './client-config.js';
import { type ConnectionUri, parseConnectionUri } from './connection-uri.js';
import { isUnsupported, LibvirtError } from './errors.js';
import type { Hypervisor } from './hypervisor.js';

/** The steps of any connection in their order; a step that has begun means that all before it are done. */
const checkSteps = [
  'socket',
  'program',
  'lab',
  'resolve',
  'connect',
  'certificates',
  'ssh login',
  'daemon',
  'authorization',
  'opening',
  'host',
  'domains',
] as const;
export type CheckStep = (typeof checkSteps)[number];

/** The steps on the way to the daemon, by transport. */
const ways: Readonly<Record<Endpoint['transport'], readonly CheckStep[]>> = {
  unix: ['socket'],
  ssh: ['ssh login'],
  libssh: ['ssh login'],
  libssh2: ['ssh login'],
  tcp: ['resolve', 'connect'],
  tls: ['resolve', 'connect', 'certificates'],
  ext: ['program'],
};

/** The steps of a connection in their order; what is no URI that libvirt could read has those of a socket. */
export function stepsTo(uri: ConnectionUri | 'lab' | undefined): readonly CheckStep[] {
  const way = uri === 'lab' ? (['lab'] as const) : ways[uri?.endpoint.transport ?? 'unix'];
  return [...way, 'daemon', 'authorization', 'opening', 'host', 'domains'];
}

/** Opens a connection and tells of its doings, as openHypervisor does. */
export type CheckOpener = (
  uri: string,
  hooks: { readonly signal: AbortSignal; onStep(told: string): void },
) => Promise<Hypervisor>;

/** What came to light in a step. */
export interface CheckDetails {
  /** E.g. the host's name and libvirt's version. */
  readonly notes: readonly string[];
  readonly milliseconds: number;
}

/** Is told of each step when it begins (some wait for a person) and when it ends. */
export interface CheckReport {
  begin(step: CheckStep): void;
  end(step: CheckStep, outcome: 'ok' | 'failed', about: CheckDetails): void;
}

export interface CheckOptions {
  /** Of `stepsTo`. */
  readonly steps: readonly CheckStep[];
  readonly open: CheckOpener;
  readonly signal: AbortSignal;
  readonly report: CheckReport;
}

/** What an opener tells of its doings, the step of ours that it belongs to, and in a group what is to be noted. */
const beginnings: readonly (readonly [told: RegExp, step: CheckStep])[] = [
  [/^looking up/, 'resolve'],
  [/^connecting to/, 'connect'],
  [/^checking certificates/, 'certificates'],
  [/^logging in/, 'ssh login'],
  [/^logged in .*?\((.+)\)$/, 'ssh login'],
  [/^waiting for the daemon/, 'daemon'],
  [/^waiting for authorization(?: \((.+)\))?/, 'authorization'],
  [/^opening/, 'opening'],
];

/**
 * Opens a connection of its own step by step, looks at the host, and closes it again. Resolves with why it
 * failed, at the step that was reported last, or with undefined.
 */
export async function checkConnection(uri: string, options: CheckOptions): Promise<LibvirtError | undefined> {
  const { open, signal } = options;
  const steps = new Steps(options.steps, options.report);
  let hypervisor: Hypervisor | undefined;
  try {
    hypervisor = await open(uri, { signal, onStep: (told) => steps.tell(told) });
    steps.begin('host');
    const host = await hypervisor.hostInfo({ signal });
    const version = isUnsupported(host.hypervisorVersion) ? '' : ` ${host.hypervisorVersion}`;
    steps.note(host.hostname, `libvirt ${host.libvirtVersion}`, `${host.type}${version}`);
    steps.begin('domains');
    const domains = await hypervisor.listDomains({ signal });
    const active = domains.filter(({ id }) => id !== -1).length;
    steps.note(`${domains.length}, ${active} active`);
    steps.end('ok');
    return undefined;
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    steps.end('failed');
    return error;
  } finally {
    await hypervisor?.close();
  }
}

/** A URI as libvirt's client understands it, aliases of libvirt.conf resolved; or what is wrong with it. */
export function readUri(
  uri: string,
  config: ClientConfig,
  env: Readonly<Record<string, string | undefined>>,
): ConnectionUri | LibvirtError {
  try {
    const read = parseConnectionUri(resolveUri(uri, config, env));
    const odd = oddName(read.endpoint);
    return odd === undefined ? read : new LibvirtError({ kind: 'connect', message: odd });
  } catch (error) {
    if (error instanceof LibvirtError) return error;
    throw error;
  }
}

/** A host or a user that ssh would not be called with: better told before than when connecting. */
function oddName({ transport, host, user }: Endpoint): string | undefined {
  if (!transport.includes('ssh')) return undefined;
  if (host !== undefined && !isSshName('host', host)) return noSshName('host', host);
  return user === undefined || isSshName('user', user) ? undefined : noSshName('user', user);
}

class Steps {
  readonly #steps: readonly CheckStep[];
  readonly #report: CheckReport;
  #at = 0;
  #notes: string[] = [];
  #begun = performance.now();

  constructor(steps: readonly CheckStep[], report: CheckReport) {
    this.#steps = steps;
    this.#report = report;
    if (steps[0] !== undefined) report.begin(steps[0]);
  }

  /** Ends all steps before this one well; nothing where this way has no such step. */
  begin(step: CheckStep): void {
    const to = this.#steps.indexOf(step);
    while (this.#at < to) {
      this.end('ok');
      this.#at += 1;
      this.#begun = performance.now();
      const next = this.#steps[this.#at];
      if (next !== undefined) this.#report.begin(next);
    }
  }

  /** What the opener is doing: the beginning of a step, or a detail of the present one. */
  tell(told: string): void {
    for (const [pattern, step] of beginnings) {
      const found = pattern.exec(told);
      if (found === null) continue;
      this.begin(step);
      if (found[1] !== undefined) this.note(found[1]);
      return;
    }
    // "starting libvirtd"
    this.note(told);
  }

  /** Said beside the outcome of the current step. */
  note(...texts: readonly string[]): void {
    this.#notes.push(...texts);
  }

  end(outcome: 'ok' | 'failed'): void {
    const step = this.#steps[this.#at];
    const milliseconds = performance.now() - this.#begun;
    if (step !== undefined) this.#report.end(step, outcome, { notes: this.#notes, milliseconds });
    this.#notes = [];
  }
}
