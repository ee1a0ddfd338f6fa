import { ErrorCode, LibvirtError } from '../../libvirt/errors.js';
import { type DomainEvent, isDomainEvent } from '../../libvirt/events.js';
import type { DomainRef, Hypervisor } from '../../libvirt/hypervisor.js';
import { virtdeckLine } from '../../provision/by-hand.js';
import { safe } from '../../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag } from '../command.js';
import { usageError } from '../failures.js';
import { domains, onEach } from '../hosts.js';
import { type PowerAction, type PowerName, powerActions } from './actions.js';

/** How long --wait waits unless told otherwise, in seconds. */
const defaultTimeout = 120;
/** Milliseconds between two looks at what is waited for. */
const lookEvery = 1000;

/** `virtdeck start`, `shutdown`, `reboot`, `destroy`, `suspend` or `resume` */
export function powerCommand(name: PowerName, summary: string): Command {
  const action: PowerAction = powerActions[name];
  return {
    usage: usageOf(name, summary, action),
    flags: { ...connectFlag, wait: { type: 'boolean' }, timeout: { type: 'number' } },
    run: (args, io) => run(name, action, args, io),
  };
}

async function run(name: PowerName, action: PowerAction, args: CommandArgs, io: CommandIo): Promise<number> {
  const { input, flags } = args;
  const timeout = Number(flags.timeout ?? defaultTimeout);
  if (input.length === 0) return usageError(io, name, 'which domain? Give a name, UUID or id');
  if (!(timeout > 0)) return usageError(io, name, '--timeout takes a number of seconds above 0');
  const wait = flags.wait === true ? timeout * 1000 : undefined;
  return onEach(
    { io, flags },
    domains,
    input,
    action.verb,
    async ({ host: { hypervisor, connection }, object: domain }) => {
      const line = (...words: readonly string[]) => virtdeckLine(connection, ...words);
      await perform({ hypervisor, domain, action, wait, line }, io);
      return true;
    },
    { events: wait !== undefined },
  );
}

interface Doing {
  readonly hypervisor: Hypervisor;
  readonly domain: DomainRef;
  readonly action: PowerAction;
  /** Milliseconds; undefined: not at all. */
  readonly wait: number | undefined;
  /** A command on the same host, to be copied. */
  readonly line: (...words: readonly string[]) => string;
}

async function perform(doing: Doing, io: CommandIo): Promise<void> {
  const { hypervisor, domain, action, wait } = doing;
  const over = new AbortController();
  // What the guest does not decide is done with the call's answer. Listening begins before the call: a fast guest
  // is done before the answer is here.
  const happened = wait === undefined || !action.guestDecides ? undefined : waitFor(doing, wait, over.signal);
  happened?.catch(() => {});
  try {
    await action.call(hypervisor, domain);
    await happened;
  } finally {
    over.abort();
  }
  const text = wait === undefined ? action.accepted : action.happened;
  io.stdout.write(`Domain '${safe(domain.name)}' ${text}\n`);
}

function waitFor(
  { hypervisor, domain, action, line }: Doing,
  timeout: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = withResolvers<void>();
  const timer = setTimeout(
    () =>
      reject(
        new LibvirtError({
          kind: 'timeout',
          message: `accepted by the host, but not done after ${timeout / 1000} s`,
          hint: `The guest decides: it may still be at it, or ignore the request. To force it off: ${line('destroy', domain.name)}`,
        }),
      ),
    timeout,
  );
  const stopListening = hypervisor.onEvent((event) => {
    if (isDomainEvent(event) && event.domain.uuid === domain.uuid && isDone(event, action)) resolve();
  });
  // Not every host tells events, nor each of them of all.
  const look = setInterval(() => {
    if (action.until === 'stopped') void isOff(hypervisor, domain).then((off) => off && resolve());
  }, lookEvery);
  const onAbort = () => reject(new LibvirtError({ kind: 'aborted', message: 'no longer waited for' }));
  signal.addEventListener('abort', onAbort, { once: true });
  void hypervisor.closed.then((reason) => {
    if (reason) reject(reason);
  });
  return promise.finally(() => {
    clearTimeout(timer);
    clearInterval(look);
    stopListening();
    signal.removeEventListener('abort', onAbort);
  });
}

async function isOff(hypervisor: Hypervisor, { name, uuid }: DomainRef): Promise<boolean> {
  try {
    const now = await hypervisor.lookupDomain(name);
    return now.id === -1 || now.uuid !== uuid;
  } catch (error) {
    // A transient one is gone.
    return error instanceof LibvirtError && error.code === ErrorCode.noDomain;
  }
}

function isDone(event: DomainEvent, { until }: PowerAction): boolean {
  return event.type === 'lifecycle' ? event.event === until : event.type === until;
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

function usageOf(name: PowerName, summary: string, { guestDecides, happened }: PowerAction): string {
  return `
  Usage
    $ virtdeck ${name} NAME... [options]

  ${summary.charAt(0).toUpperCase()}${summary.slice(1)}. NAME is a domain's name, UUID or id.

  Options
    -c, --connect URI the host; may be given several times, NAME must be on one of them only
    --wait            return only when the domain ${happened}${guestDecides ? ' (the guest decides)' : ''}
    --timeout S       give up waiting after S seconds (default ${defaultTimeout})

  Exit codes
    0 done   1 failed for a domain or host   2 usage
`;
}
