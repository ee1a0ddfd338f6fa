import type { ActionOutcome } from '../../inventory/action-runner.js';
import { type DomainActionId, domainActions } from '../../inventory/domain-actions.js';
import { count } from '../../text/units.js';
import type { KeyEvent } from '../input/events.js';
import { type Binding, type DomainSelection, domainActionOf, refusalOf } from '../kit/keymap.js';
import { type ActionHost, capital, say } from './domain-action.js';

/** What brings a domain up, or changes nothing that runs, needs no question however many are marked. */
const harmless: readonly DomainActionId[] = ['start', 'resume', 'autostart'];
/** Names that a question shows before it only counts. */
const namesShown = 12;

/**
 * Does to all marked domains what a key stands for, to those of them that it applies to. Asks once, with the
 * names, where something would stop. What came of it is told at the end, the failures by name.
 */
export function runBulkAction(
  host: ActionHost,
  marked: readonly DomainSelection[],
  binding: Binding,
  event: KeyEvent,
): void {
  const choose = domainActionOf[binding.id];
  if (choose === undefined) return;
  const able = marked.filter((one) => refusalOf(one, choose) === undefined);
  const targets = binding.id === 'domain.A' ? unlike(able) : able;
  const [first] = targets;
  if (first === undefined) {
    const reason = binding.unavailable?.({ kind: 'marked', domains: marked });
    say(host, { level: 'warning', text: reason ?? 'Nothing is marked that this applies to.' });
    return;
  }
  const title = domainActions[choose(first.domain)].title(first.domain);
  const run = (): void => void runAll(host, targets, marked.length - targets.length, title, choose);
  if (targets.every(({ domain }) => harmless.includes(choose(domain)))) {
    run();
    return;
  }
  const rest = targets.length - namesShown;
  const warning = domainActions[choose(first.domain)].question === undefined ? [] : [lossWarning];
  host.ui.setState({
    question: {
      title: `${capital(title)} ${count(targets.length, 'domain')}?`,
      lines: [
        ...warning,
        ...targets.slice(0, namesShown).map(({ domain, connection }) => `${domain.name}  ${connection.name}`),
        ...(rest > 0 ? [`and ${rest} more`] : []),
      ],
      yes: 'Yes',
      no: 'No',
      confirm: run,
      chunk: event.chunk,
      choice: 'no',
    },
  });
}

const lossWarning = 'It is like pulling the plug: unsaved data in the guests is lost.';

/** Autostart goes on for all while one is off, and off once all are on: never each its own way. */
function unlike(domains: readonly DomainSelection[]): readonly DomainSelection[] {
  const off = domains.filter(({ domain }) => !domain.autostart);
  return off.length > 0 ? off : domains;
}

async function runAll(
  host: ActionHost,
  targets: readonly DomainSelection[],
  leftOut: number,
  title: string,
  choose: (domain: DomainSelection['domain']) => DomainActionId,
): Promise<void> {
  const outcomes = await Promise.all(
    targets.map(({ connection, domain }) =>
      host.inventory.act(connection.id, domain.uuid, choose(domain)).catch(
        (error: unknown): ActionOutcome => ({
          ok: false,
          text: `${domain.name}: ${error instanceof Error ? error.message : String(error)}`,
        }),
      ),
    ),
  );
  // One outcome is told by the inventory as it is.
  if (outcomes.length === 1) return;
  const failures = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome]));
  const done = outcomes.length - failures.length;
  const [worst] = failures;
  const parts = [`${title}: ${done} of ${outcomes.length} done`];
  if (worst !== undefined)
    parts.push(`${failures.length} failed: ${failures.map(({ text }) => text).join('; ')}`);
  if (leftOut > 0) parts.push(`${leftOut} left out, to which it does not apply`);
  say(host, {
    level: worst === undefined ? 'success' : 'error',
    text: parts.join('; '),
    hint: worst?.hint,
  });
}
