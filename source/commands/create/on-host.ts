import type { Hypervisor } from '../../libvirt/hypervisor.js';
import { create as makeMachines, type Outcome } from '../../provision/create.js';
import type { CreationJournal } from '../../provision/journal.js';
import type { Finding, Plan } from '../../provision/plan.js';
import { type PrepareOptions, prepare } from '../../provision/prepare.js';
import type { VmRequest } from '../../provision/request/vm-request.js';
import { literal, safe } from '../../text/safe.js';
import { askYesNo } from '../ask.js';
import { type CommandIo, ExitCode } from '../command.js';
import type { ConnectionChoice } from '../connections.js';
import { codeOfEnd } from '../ending.js';
import { failureOf } from '../failures.js';
import type { Host } from '../hosts.js';
import { cleanUpAtEnd, commandOpener } from '../opener.js';
import { byOption } from './option-names.js';
import type { CreateReport } from './report.js';

/** What the shell sees beside the usual codes. */
export const CreateExit = { ...ExitCode, timeout: 3 } as const;

type Flags = Readonly<Record<string, unknown>>;

/** The host of a creation, and another connection to it. */
export interface CreateHost extends Host {
  readonly connect: () => Promise<Hypervisor>;
}

export interface Doing {
  readonly flags: Flags;
  readonly io: CommandIo;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  readonly report: CreateReport;
}

/** Opens the host, and closes it after the work; the exit code. */
export async function onHost(
  { uri, label }: ConnectionChoice,
  { io, signal, report }: Doing,
  work: (host: CreateHost) => Promise<number>,
): Promise<number> {
  try {
    const open = commandOpener(io);
    const hypervisor = await open(uri, { events: true });
    try {
      return await work({ hypervisor, connect: () => open(uri, { spare: true }), connection: uri, label });
    } finally {
      await hypervisor.close();
    }
  } catch (error) {
    const { message, hint } = failureOf(error);
    const code = signal.aborted ? codeOfEnd(signal) : CreateExit.failed;
    if (!signal.aborted) report.error(`${label}: ${message}`, hint);
    report.result(code, new Map());
    return code;
  }
}

/** Makes what is asked for on a host that is open; the exit code. @throws LibvirtError where the host cannot be asked */
export async function createOn(
  host: CreateHost,
  requests: readonly VmRequest[],
  doing: Doing,
): Promise<number> {
  const { flags, journal, signal, timeout, report } = doing;
  report.begin(host, []);
  const { plan, wanted } = await offered(host, requests, doing);
  const ended = (code: number, outcomes: ReadonlyMap<string, Outcome> = new Map()): number => {
    report.result(code, outcomes);
    return code;
  };
  if (plan === undefined) return ended(signal.aborted ? codeOfEnd(signal) : CreateExit.failed);
  report.begin(host, plan.machines);
  if (flags['dry-run'] === true) {
    report.plan(plan);
    return ended(CreateExit.ok);
  }
  const { uri } = await host.hypervisor.hostInfo();
  const left = literal`ended at once; virtdeck create --cleanup takes back or finishes what is left`;
  const settled = cleanUpAtEnd(doing.io, host.hypervisor, left);
  const outcomes = await makeMachines({
    plan,
    requests: wanted,
    connection: host.connection,
    uri,
    host,
    journal,
    signal,
    wait: flags.wait === false ? false : { timeout },
    onEvent: (event) => report.event(event),
  }).finally(settled);
  return ended(exitCode([...outcomes.values()], signal), outcomes);
}

/** Prepares; what only has to be started is offered to whoever sits at a terminal. */
async function offered(
  { hypervisor, connection }: Host,
  requests: readonly VmRequest[],
  { io, flags, journal, signal, report }: Doing,
): Promise<{ readonly plan: Plan | undefined; readonly wanted: readonly VmRequest[] }> {
  const options: PrepareOptions = { connection, env: io.env, journal, signal };
  const { plan, findings } = await prepare(hypervisor, requests, options);
  const errors = findings.filter(({ level }) => level === 'error');
  const offers = errors.filter(({ offer }) => offer !== undefined);
  const onlyOffers = offers.length > 0 && offers.length === errors.length;
  if (!onlyOffers || flags.json === true || !(await agreed(offers, io))) {
    if (!signal.aborted) report.findings(findings.map((one) => byOption(withOption(one), flags)));
    return { plan, wanted: requests };
  }
  const wanted = requests.map((request) => ({ ...request, startInactive: true }));
  const again = await prepare(hypervisor, wanted, options);
  report.findings(again.findings.map((one) => byOption(one, flags)));
  return { plan: again.plan, wanted };
}

function withOption(finding: Finding): Finding {
  const { offer } = finding;
  if (offer === undefined) return finding;
  return { ...finding, fix: `Let --yes ${offer.does} it, or by hand: ${offer.byHand}` };
}

async function agreed(offers: readonly Finding[], io: CommandIo): Promise<boolean> {
  const what = offers.map(({ message }) => message).join('; ');
  const verb = offers.some(({ offer }) => offer?.does === 'make') ? 'Make and start' : 'Start';
  return (await askYesNo(io, safe(`${what}. ${verb} ${offers.length > 1 ? 'them' : 'it'}?`))) === true;
}

/** Whoever goes on with the VM must be able to rely on 0: it is as it was asked for. */
function exitCode(outcomes: readonly Outcome[], signal: AbortSignal): number {
  const states = outcomes.map(({ state }) => state);
  const unseen = outcomes.some((outcome) => outcome.state === 'made' && outcome.note !== undefined);
  if (states.includes('cancelled') || (unseen && signal.aborted)) return codeOfEnd(signal);
  if (states.includes('failed') || states.includes('halted') || unseen) return CreateExit.failed;
  return states.includes('timeout') ? CreateExit.timeout : CreateExit.ok;
}
