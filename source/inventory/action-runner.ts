import type { LibvirtError } from '../libvirt/errors.js';
import type { Clock } from './clock.js';
import { type DomainAction, type DomainActionId, domainActions } from './domain-actions.js';
import type { DomainRecord } from './domain-record.js';
import type { HostConnection } from './host-connection.js';
import type { Notice } from './types.js';

/** What came of an action. */
export type ActionOutcome =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly text: string;
      readonly hint?: string | undefined;
      readonly error?: LibvirtError | undefined;
    };

export type Notify = (notice: Pick<Notice, 'level' | 'text' | 'hint'>) => void;

/**
 * Carries out an action and resolves with what has happened: the event that proves it, not the accepted
 * request. Never rejects; every outcome is also a notice.
 */
export async function runAction(
  id: DomainActionId,
  connection: HostConnection,
  domain: DomainRecord,
  { clock, notify }: { readonly clock: Clock; readonly notify: Notify },
): Promise<ActionOutcome> {
  const action = domainActions[id];
  const outcome = await attempt(action, connection, domain, clock, notify);
  notify({
    level: outcome.ok ? 'success' : outcome.error === undefined ? 'warning' : 'error',
    text: outcome.text,
    hint: outcome.ok ? undefined : outcome.hint,
  });
  return outcome;
}

async function attempt(
  action: DomainAction,
  connection: HostConnection,
  domain: DomainRecord,
  clock: Clock,
  notify: Notify,
): Promise<ActionOutcome> {
  const refusal = action.refusal(domain);
  if (refusal !== undefined) return { ok: false, text: refusal };
  const { hypervisor } = connection;
  if (hypervisor === undefined) return { ok: false, text: `${connection.name} is not connected.` };
  const title = action.title(domain);
  const done = action.done(domain);
  const proof = watch(action, connection, domain, clock);
  setPending(action.pending);
  try {
    await action.call(hypervisor, domain);
    if (action.guestDecides) notify({ level: 'info', text: `${domain.name}: ${action.guestDecides.asked}` });
    if (action.id === 'autostart') setAutostart();
    const happened = await proof.result;
    if (happened === undefined && action.guestDecides) {
      return { ok: false, text: `${domain.name} ${action.guestDecides.ignored}` };
    }
    return { ok: true, text: `${domain.name}: ${happened ?? done}` };
  } catch (error) {
    const failure = error as LibvirtError;
    const text = `${domain.name}: cannot ${title}: ${failure.message}`;
    return { ok: false, text, hint: failure.hint, error: failure };
  } finally {
    proof.stop();
    setPending(undefined);
  }

  function setPending(pending: string | undefined): void {
    domain.pending = pending;
    domain.revision += 1;
    connection.touch();
  }

  function setAutostart(): void {
    // No event tells of it; the next list would, half a minute later.
    domain.autostart = !domain.autostart;
  }
}

/** Waits for the event that proves the action, from before the call on: a fast host is done at once. */
function watch(action: DomainAction, connection: HostConnection, domain: DomainRecord, clock: Clock) {
  let stop = () => {};
  const result = new Promise<string | undefined>((resolve) => {
    if (action.patience === 0) return resolve(undefined);
    const timer = clock.setTimeout(() => resolve(undefined), action.patience);
    const stopListening = connection.onEvent((event) => {
      const text = event.domain.uuid === domain.uuid ? action.confirmedBy(event) : undefined;
      if (text !== undefined) resolve(text);
    });
    stop = () => {
      clock.clearTimeout(timer);
      stopListening();
    };
  });
  return { result, stop: () => stop() };
}
