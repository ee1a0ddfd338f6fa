import { type DomainAction, type DomainActionId, domainActions } from '../inventory/domain-actions.js';
import { DomainState } from '../libvirt/domain-state.js';
import { ErrorCode, LibvirtError } from '../libvirt/errors.js';
import { isDomainEvent } from '../libvirt/events.js';
import type { DomainListing, DomainRef, Hypervisor } from '../libvirt/hypervisor.js';
import { virtdeckLine } from '../provision/by-hand.js';
import { literal, safe } from '../text/safe.js';
import { type Command, type CommandArgs, type CommandIo, connectFlag } from './command.js';
import { usageError } from './failures.js';
import { domains, onEach } from './hosts.js';

/** How long --wait waits unless told otherwise, in seconds. */
const defaultTimeout = 120;
/** Milliseconds between two looks at what is waited for. */
const lookEvery = 1000;

type Words = NonNullable<DomainAction['command']>;

/** `virtdeck start`, `shutdown`, `reboot`, `destroy`, `suspend` or `resume` */
export function powerCommand(name: DomainActionId, summary: string): Command {
  const action = domainActions[name];
  const { command: words } = action;
  if (words === undefined) throw new RangeError(`no command ${name}`);
  return {
    usage: usageOf(summary, action, words),
    flags: { ...connectFlag, wait: { type: 'boolean' }, timeout: { type: 'number' } },
    run: (args, io) => run(action, words, args, io),
  };
}

async function run(action: DomainAction, words: Words, args: CommandArgs, io: CommandIo): Promise<number> {
  const { id: name } = action;
  const { input, flags } = args;
  const timeout = Number(flags.timeout ?? defaultTimeout);
  if (input.length === 0) return usageError(io, name, 'which domain? Give a name, UUID or id');
  if (!(timeout > 0)) return usageError(io, name, '--timeout takes a number of seconds above 0');
  const wait = flags.wait === true ? timeout * 1000 : undefined;
  return onEach(
    { io, flags },
    domains,
    input,
    words.verb,
    async ({ host: { hypervisor, connection }, object: domain }) => {
      const line = (...words: readonly string[]) => virtdeckLine(connection, ...words);
      await perform({ hypervisor, domain, action, words, wait, line }, io);
      return true;
    },
    { events: wait !== undefined },
  );
}

interface Doing {
  readonly hypervisor: Hypervisor;
  readonly domain: DomainListing;
  readonly action: DomainAction;
  readonly words: Words;
  /** Milliseconds; undefined: not at all. */
  readonly wait: number | undefined;
  /** A command on the same host, to be copied. */
  readonly line: (...words: readonly string[]) => string;
}

async function perform(doing: Doing, io: CommandIo): Promise<void> {
  const { hypervisor, domain, action, words, wait } = doing;
  const over = new AbortController();
  // What the guest does not decide is done with the call's answer. Listening begins before the call: a fast guest
  // is done before the answer is here.
  const happened = wait === undefined || !action.guestDecides ? undefined : waitFor(doing, wait, over.signal);
  happened?.catch(() => {});
  try {
    if (words.call !== undefined) await words.call(hypervisor, domain);
    else await action.call(hypervisor, subject(domain));
    await happened;
  } finally {
    over.abort();
  }
  const text = wait === undefined ? words.accepted : words.happened;
  io.stdout.write(literal`Domain '${safe(domain.name)}' ${safe(text)}\n`);
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
    if (!isDomainEvent(event) || event.domain.uuid !== domain.uuid) return;
    if (action.confirmedBy(event, subject(domain))) resolve();
  });
  // Not every host tells events, nor each of them of all.
  const look = setInterval(() => {
    if (action.reached !== undefined) void isOff(hypervisor, domain).then((off) => off && resolve());
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

/** A domain for its action: what state it is in is the host's to say, by its answer. */
const subject = (domain: DomainListing) => ({ ...domain, state: DomainState.noState });

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

function usageOf(summary: string, { id: name, guestDecides }: DomainAction, { happened }: Words): string {
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
