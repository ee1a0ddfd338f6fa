import type { ActionOutcome } from '../../inventory/action-runner.js';
import { type DomainActionId, domainActions } from '../../inventory/domain-actions.js';
import type { Connection, Domain } from '../../inventory/types.js';
import { count } from '../../text/units.js';
import { ask } from '../kit/ask.js';
import type { UiStore } from '../kit/ui-state.js';
import type { TuiInventory } from './inventory-port.js';
import { say } from './messages.js';

/** A domain with the connection it belongs to. */
export interface DomainSelection {
  readonly connection: Connection;
  readonly domain: Domain;
}

/** The domains that a key acts on: the selected one, or all that are marked. */
export interface ChosenDomains {
  readonly domains: readonly [DomainSelection, ...DomainSelection[]];
  /** By marks: they may not be on the screen. */
  readonly marked: boolean;
}

/** Which action a key stands for, of the domain as it is. */
export type Choose = (domain: Domain) => DomainActionId;

/** What an action needs of the screen that it is started from. */
export interface ActionHost {
  readonly inventory: TuiInventory;
  readonly ui: UiStore;
}

/** What brings a domain up, or changes nothing that runs, needs no question however many are marked. */
const harmless: readonly DomainActionId[] = ['start', 'resume', 'autostart'];
/** Names that a question shows before it only counts. */
const namesShown = 12;
const lossWarning = 'It is like pulling the plug: unsaved data in the guests is lost.';

/** Why an action can be done to none of the domains. */
export function actionRefusal(domains: ChosenDomains['domains'], choose: Choose): string | undefined {
  // Thousands may be marked, and the footer asks for every key at every frame: the first able one decides.
  if (domains.some((one) => refusalOf(one, choose) === undefined)) return undefined;
  const reason = refusalOf(domains[0], choose);
  return domains.length === 1 ? reason : `None of the ${domains.length} marked: ${reason}`;
}

function refusalOf({ connection, domain }: DomainSelection, choose: Choose): string | undefined {
  if (connection.status.state !== 'connected') return `${connection.name} is not connected.`;
  return domainActions[choose(domain)].refusal(domain);
}

/**
 * Does to domains what a key stands for, to those of them that it applies to; asks first, once and with the names,
 * where something may be lost or several would stop. The inventory tells what came of one as a notice; of several it
 * is told at the end, the failures by name.
 */
export function runDomainAction(host: ActionHost, { domains, marked }: ChosenDomains, choose: Choose): void {
  const able = domains.filter((one) => refusalOf(one, choose) === undefined);
  const [first] = able;
  if (first === undefined) return;
  const id = choose(first.domain);
  const targets = id === 'autostart' ? unlike(able) : able;
  const action = domainActions[id];
  const title = action.title(first.domain);
  const run = (): void => void runAll(host, targets, domains.length - targets.length, title, choose);
  const asked = action.question?.(first.domain);
  if (!marked) {
    const { domain, connection } = first;
    const about = [`Domain  ${domain.name}`, `Host    ${connection.name}  ${connection.uri}`];
    if (asked === undefined) run();
    else ask(host, { title: `${capital(title)}?`, lines: [asked, '', ...about], confirm: run });
    return;
  }
  if (targets.every(({ domain }) => harmless.includes(choose(domain)))) {
    run();
    return;
  }
  const rest = targets.length - namesShown;
  const lines = [
    ...(asked === undefined ? [] : [lossWarning]),
    ...targets.slice(0, namesShown).map(({ domain, connection }) => `${domain.name}  ${connection.name}`),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ];
  ask(host, { title: `${capital(title)} ${count(targets.length, 'domain')}?`, lines, confirm: run });
}

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
  choose: Choose,
): Promise<void> {
  const outcomes = await Promise.all(
    targets.map(({ connection, domain }) =>
      host.inventory
        .act(connection.id, domain.uuid, choose(domain))
        .catch((error: unknown): ActionOutcome => {
          // A promise that rejects is a fault of the program.
          const text = `${domain.name}: ${error instanceof Error ? error.message : String(error)}`;
          if (targets.length === 1) say(host, { level: 'error', text });
          return { ok: false, text };
        }),
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
  say(host, { level: worst === undefined ? 'success' : 'error', text: parts.join('; '), hint: worst?.hint });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
