import { type Endpoint, TransportError } from '../transport/endpoint.js';
import { isSshName, noSshName } from '../transport/ssh/arguments.js';
import { type ClientConfig, resolveUri } from './client-config.js';
import { type ConnectionUri, parseConnectionUri } from './connection-uri.js';
import { isUnsupported, LibvirtError } from './errors.js';
import type { Hypervisor } from './hypervisor.js';

/** The steps in their order; a step that has begun means that all before it are done. */
export const checkSteps = ['transport', 'authorization', 'opening', 'host', 'domains'] as const;
export type CheckStep = (typeof checkSteps)[number];

/** Opens a connection and tells of its doings, as openHypervisor does. */
export type CheckOpener = (
  uri: string,
  hooks: { readonly signal: AbortSignal; onStep(told: string): void },
) => Promise<Hypervisor>;

/** Is told of each step when it begins (some wait for a person) and when it ends. */
export interface CheckReport {
  begin(step: CheckStep): void;
  /** @param notes what came to light, e.g. the host's name and libvirt's version */
  end(step: CheckStep, outcome: 'ok' | 'failed', notes: readonly string[]): void;
}

export interface CheckOptions {
  readonly open: CheckOpener;
  readonly signal: AbortSignal;
  readonly report: CheckReport;
}

/** What an opener tells of its doings, and the step of ours that begins with it. */
const beginnings: readonly (readonly [told: RegExp, step: CheckStep])[] = [
  [/authorization/, 'authorization'],
  [/^opening/, 'opening'],
];

/**
 * Opens a connection of its own step by step, looks at the host, and closes it again. Resolves with why it
 * failed, at the step that was reported last, or with undefined.
 */
export async function checkConnection(uri: string, options: CheckOptions): Promise<LibvirtError | undefined> {
  const { open, signal } = options;
  const steps = new Steps(options.report);
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
    // The transport is there, and the daemon was asked what authorization it wants: that is told to nobody.
    if (steps.current === 'transport' && !(error.cause instanceof TransportError))
      steps.begin('authorization');
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

/** How the first step is called, by what it is: "socket" here, "ssh" or "tls" to another machine. */
export function transportName({ endpoint }: ConnectionUri): string {
  return endpoint.transport === 'unix' ? 'socket' : endpoint.transport;
}

class Steps {
  readonly #report: CheckReport;
  #current: CheckStep = 'transport';
  #notes: string[] = [];

  constructor(report: CheckReport) {
    this.#report = report;
    report.begin('transport');
  }

  get current(): CheckStep {
    return this.#current;
  }

  /** Ends all steps before this one well. */
  begin(step: CheckStep): void {
    while (checkSteps.indexOf(this.#current) < checkSteps.indexOf(step)) {
      this.end('ok');
      this.#current = checkSteps[checkSteps.indexOf(this.#current) + 1] ?? step;
      this.#report.begin(this.#current);
    }
  }

  /** What the opener is doing: the beginning of a step, or a detail of the present one. */
  tell(told: string): void {
    const begun = beginnings.find(([pattern]) => pattern.test(told))?.[1];
    if (begun !== undefined) this.begin(begun);
    // "starting libvirtd", and the method in "waiting for authorization (polkit)".
    const detail = begun === undefined ? told : /\((.+)\)/.exec(told)?.[1];
    if (detail !== undefined) this.note(detail);
  }

  /** Said beside the outcome of the current step. */
  note(...texts: readonly string[]): void {
    this.#notes.push(...texts);
  }

  end(outcome: 'ok' | 'failed'): void {
    this.#report.end(this.#current, outcome, this.#notes);
    this.#notes = [];
  }
}
