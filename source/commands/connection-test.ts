import { readClientConfig, resolveUri } from '../libvirt/client-config.js';
import { parseConnectionUri } from '../libvirt/connection-uri.js';
import { isUnsupported, LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { openHypervisor } from '../libvirt/open.js';
import { safe } from '../text/safe.js';
import { TransportError } from '../transport/endpoint.js';
import { type CommandIo, ExitCode } from './command.js';
import { reportError } from './connections.js';

/** The steps in their order; a step that has begun means that all before it are done. */
const order = ['transport', 'authorization', 'opening', 'host', 'domains'] as const;
type Step = (typeof order)[number];

/** What openHypervisor tells of its doings, and the step of ours that begins with it. */
const beginnings: readonly (readonly [told: RegExp, step: Step])[] = [
  [/authorization/, 'authorization'],
  [/^opening/, 'opening'],
];

/**
 * Opens a connection step by step, prints each as it is done, and at which one it failed and why.
 *
 * @returns the exit code
 */
export async function testConnection(
  { label, uri }: { readonly label: string; readonly uri: string },
  io: CommandIo,
): Promise<number> {
  const config = await readClientConfig(io.env, process.geteuid?.() ?? 0);
  const { endpoint } = parseConnectionUri(resolveUri(uri, config, io.env));
  io.stdout.write(`Testing ${safe(label)}${label === uri ? '' : ` (${safe(uri)})`}\n`);
  // The first step is called by what it is: "socket" here, "ssh" or "tls" to another machine.
  const steps = new Steps(io, endpoint.transport === 'unix' ? 'socket' : endpoint.transport);
  let hypervisor: Hypervisor | undefined;
  try {
    hypervisor = await openHypervisor(uri, {
      env: io.env,
      signal: io.signal,
      onStep: (told) => {
        const begun = beginnings.find(([pattern]) => pattern.test(told))?.[1];
        if (begun !== undefined) steps.begin(begun);
        // "starting libvirtd", and the method in "waiting for authorization (polkit)".
        const detail = begun === undefined ? told : /\((.+)\)/.exec(told)?.[1];
        if (detail !== undefined) steps.note(detail);
      },
    });
    steps.begin('host');
    const host = await hypervisor.hostInfo({ signal: io.signal });
    const version = isUnsupported(host.hypervisorVersion) ? '' : ` ${host.hypervisorVersion}`;
    steps.note(host.hostname, `libvirt ${host.libvirtVersion}`, `${host.type}${version}`);
    steps.begin('domains');
    const domains = await hypervisor.listDomains({ signal: io.signal });
    const active = domains.filter(({ id }) => id !== -1).length;
    steps.note(`${domains.length}, ${active} active`);
    steps.end('ok');
    return ExitCode.ok;
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    // The transport is there, and the daemon was asked what authorization it wants: that is told to nobody.
    if (steps.current === 'transport' && !(error.cause instanceof TransportError))
      steps.begin('authorization');
    steps.end('failed');
    reportError(io, label, error);
    return ExitCode.failed;
  } finally {
    await hypervisor?.close();
  }
}

/** Prints the name of a step when it begins (some wait for a person) and its outcome when it ends. */
class Steps {
  readonly #io: CommandIo;
  readonly #transport: string;
  #current: Step = 'transport';
  #notes: string[] = [];

  /** @param transport how the first step is called */
  constructor(io: CommandIo, transport: string) {
    this.#io = io;
    this.#transport = transport;
    this.#announce();
  }

  get current(): Step {
    return this.#current;
  }

  /** Ends all steps before this one well. */
  begin(step: Step): void {
    while (order.indexOf(this.#current) < order.indexOf(step)) {
      this.end('ok');
      this.#current = order[order.indexOf(this.#current) + 1] ?? step;
      this.#announce();
    }
  }

  /** Said beside the outcome of the current step. */
  note(...texts: readonly string[]): void {
    this.#notes.push(...texts);
  }

  end(outcome: 'ok' | 'failed'): void {
    const notes = this.#notes.length > 0 ? `  ${safe(this.#notes.join(', '))}` : '';
    this.#io.stdout.write(`${outcome}${notes}\n`);
    this.#notes = [];
  }

  #announce(): void {
    const name = this.#current === 'transport' ? this.#transport : this.#current;
    this.#io.stdout.write(`  ${name.padEnd(15)}`);
  }
}
