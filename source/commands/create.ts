import { createOpener } from '../lab/opener.js';
import type { LibvirtError } from '../libvirt/errors.js';
import type { Hypervisor } from '../libvirt/hypervisor.js';
import { create as makeMachines, type Outcome } from '../provision/create.js';
import { type CatalogueImage, catalogueFor } from '../provision/images/catalogue.js';
import { ImageCache } from '../provision/images/image-cache.js';
import { CreationJournal, creationsFolder } from '../provision/journal.js';
import type { Finding, MachinePlan, Plan } from '../provision/plan.js';
import { type PrepareOptions, prepare } from '../provision/prepare.js';
import { namesFor, type VmRequest } from '../provision/request.js';
import { loadSettings } from '../settings/load-settings.js';
import { settingsPath } from '../settings/settings-path.js';
import { safe, safeLines } from '../text/safe.js';
import { ask } from './ask.js';
import { type Command, type CommandIo, ExitCode, usageError } from './command.js';
import { chooseConnections, reportError } from './connections.js';
import { cleanUp, hintOfCutOff } from './create-cleanup.js';
import { createFlags, createUsage } from './create-flags.js';
import { type CreateReport, jsonReport, textReport } from './create-report.js';
import { requestOf, UsageProblem } from './create-request.js';
import { table } from './table.js';

/** What the shell sees beside the usual codes. */
export const CreateExit = { ...ExitCode, timeout: 3, cancelled: 130 } as const;

/** How long an address is waited for, in milliseconds: an emulated guest takes minutes. */
const patience = 600_000;
const mostAtOnce = 100;

/** `virtdeck create` */
export const create: Command = {
  summary: 'make a VM, from an image to its address',
  usage: createUsage,
  flags: createFlags,
  async run({ input, flags }, io) {
    try {
      return await run(input, flags, io);
    } catch (error) {
      if (!(error instanceof UsageProblem)) throw error;
      return usageError(io, 'create', safeLines(error.message).join('\n'));
    }
  },
};

type Flags = Readonly<Record<string, unknown>>;

async function run(input: readonly string[], flags: Flags, io: CommandIo): Promise<number> {
  const { settings } = await loadSettings(settingsPath(io.env));
  const catalogue = catalogueFor(settings.images);
  if (flags.images === true) return listImages(catalogue, flags, io);
  const signal = io.signal ?? new AbortController().signal;
  const journal = new CreationJournal(creationsFolder(io.env));
  if (flags.cleanup === true) return cleanUp({ io, flags, journal, signal });
  const [name, ...more] = input;
  if (name === undefined) throw new UsageProblem('give the VM a name: virtdeck create web-1');
  if (more.length > 0)
    throw new UsageProblem(`one name only, not "${more[0]}" as well; --count makes several`);
  const count = countOf(flags);
  const timeout = timeoutOf(flags);
  const request = await requestOf(name, { io, flags, catalogue, signal });
  const requests = namesFor(name, count).map((one) => ({ ...request, name: one }));
  const choice = await chooseOne(flags, io);
  await hintOfCutOff(journal, io);
  const open = createOpener();
  const connect = (): Promise<Hypervisor> => open(choice.uri, { env: io.env });
  let hypervisor: Hypervisor;
  try {
    hypervisor = await open(choice.uri, { events: true, keepalive: true, env: io.env, signal });
  } catch (error) {
    reportError(io, choice.label, error as LibvirtError);
    return CreateExit.failed;
  }
  try {
    const host: Host = { hypervisor, connect, connection: choice.uri, label: choice.label };
    return await createOn(host, requests, { flags, io, journal, signal, timeout });
  } finally {
    await hypervisor.close();
  }
}

interface Host {
  readonly hypervisor: Hypervisor;
  readonly connect: () => Promise<Hypervisor>;
  readonly connection: string | undefined;
  readonly label: string;
}

interface Doing {
  readonly flags: Flags;
  readonly io: CommandIo;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Makes what is asked for on a host that is open; the exit code. */
export async function createOn(host: Host, requests: readonly VmRequest[], doing: Doing): Promise<number> {
  const { flags, io, journal, signal, timeout } = doing;
  let machines: readonly MachinePlan[] = [];
  const report = (flags.json ? jsonReport : textReport)(io, () => machines);
  const options: PrepareOptions = { connection: host.connection, env: io.env, journal, signal };
  let prepared: Awaited<ReturnType<typeof offered>>;
  try {
    prepared = await offered(host, requests, options, doing, report);
  } catch (error) {
    const { message, hint } = error as LibvirtError;
    report.error(`${host.label}: ${message}`, hint);
    return signal.aborted ? CreateExit.cancelled : CreateExit.failed;
  }
  const { plan, wanted } = prepared;
  if (plan === undefined) return CreateExit.failed;
  machines = plan.machines;
  if (flags['dry-run'] === true) {
    printPlan(plan, flags, io);
    return CreateExit.ok;
  }
  const { uri } = await host.hypervisor.hostInfo();
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
  });
  return exitCode([...outcomes.values()]);
}

/** Prepares; what only has to be started is offered to whoever sits at a terminal. */
async function offered(
  { hypervisor }: Host,
  requests: readonly VmRequest[],
  options: PrepareOptions,
  { io, flags }: Doing,
  report: CreateReport,
): Promise<{ readonly plan: Plan | undefined; readonly wanted: readonly VmRequest[] }> {
  const { plan, findings } = await prepare(hypervisor, requests, options);
  const errors = findings.filter(({ level }) => level === 'error');
  const offers = errors.filter(({ offer }) => offer === true);
  const onlyOffers = offers.length > 0 && offers.length === errors.length;
  if (!onlyOffers || flags.json === true || !(await agreed(offers, io))) {
    report.findings(findings.map(withOption));
    return { plan, wanted: requests };
  }
  const wanted = requests.map((request) => ({ ...request, startInactive: true }));
  const again = await prepare(hypervisor, wanted, options);
  report.findings(again.findings);
  return { plan: again.plan, wanted };
}

function withOption(finding: Finding): Finding {
  if (finding.offer !== true || finding.level !== 'error') return finding;
  return { ...finding, fix: `${finding.fix ?? ''}, or let --yes do it` };
}

function agreed(offers: readonly Finding[], io: CommandIo): Promise<boolean> {
  const what = offers.map(({ message }) => safe(message)).join('; ');
  return ask(io, `${what}. Start ${offers.length > 1 ? 'them' : 'it'}? [y/N] `).then((answer) =>
    /^y/i.test(answer ?? ''),
  );
}

function exitCode(outcomes: readonly Outcome[]): number {
  const states = outcomes.map((outcome) => outcome.state);
  if (states.includes('cancelled')) return CreateExit.cancelled;
  const stopped = outcomes.some(
    (outcome) => outcome.state === 'made' && outcome.note !== undefined && !outcome.running,
  );
  if (states.includes('failed') || stopped) return CreateExit.failed;
  return states.includes('timeout') ? CreateExit.timeout : CreateExit.ok;
}

function countOf({ count }: Flags): number {
  if (count === undefined) return 1;
  if (Number.isInteger(count) && Number(count) >= 1 && Number(count) <= mostAtOnce) return Number(count);
  throw new UsageProblem(`--count is a number from 1 to ${mostAtOnce}`);
}

/** @returns milliseconds */
function timeoutOf({ timeout }: Flags): number {
  if (timeout === undefined) return patience;
  const [, digits = '', unit = 's'] = /^(\d+)\s*(s|m|min|h)?$/.exec(String(timeout)) ?? [];
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
  const value = Number(digits) * (seconds[unit] ?? 1) * 1000;
  if (digits === '' || value === 0) throw new UsageProblem('--timeout is a time: 90 (seconds), 5m, 1h');
  return value;
}

/** A VM is made on one host. */
async function chooseOne(flags: Flags, io: CommandIo) {
  const choices = await chooseConnections(flags.connect, io);
  const [choice, ...others] = choices;
  if (choice !== undefined && others.length === 0) return choice;
  const names = choices.map(({ label }) => label).join(', ');
  throw new UsageProblem(`say on which host: -c one of ${names}`);
}

function printPlan(plan: Plan, { json }: Flags, { stdout }: CommandIo): void {
  const [first] = plan.machines;
  if (json === true) {
    const machines = plan.machines.map(({ name, uuid, mac, user, steps, domainXml, seedFiles }) => ({
      name,
      uuid,
      mac,
      user,
      steps: steps.map(({ id, title }) => ({ id, title })),
      domainXml,
      seed: Object.fromEntries(seedFiles),
    }));
    const shared = plan.shared.map(({ id, title }) => ({ id, title }));
    stdout.write(`${JSON.stringify({ type: 'plan', shared, machines })}\n`);
    return;
  }
  const print = (text: string): void => void stdout.write(`${safeLines(text).join('\n')}\n`);
  print('Plan:');
  for (const { title } of [...plan.shared, ...plan.machines.flatMap(({ steps }) => steps)])
    print(`  ${title}`);
  if (first === undefined) return;
  print(`\nThe domain${plan.machines.length > 1 ? ` ${first.name}` : ''}:\n${first.domainXml}`);
  for (const [path, contents] of first.seedFiles) print(`${path} (secrets are masked):\n${contents}\n`);
}

async function listImages(
  catalogue: readonly CatalogueImage[],
  { json }: Flags,
  io: CommandIo,
): Promise<number> {
  const cached = await new ImageCache(io.env).list();
  const rows = catalogue
    .filter(({ arch }) => arch === 'x86_64')
    .map(({ id, name, user, url, aliases }) => {
      const stem = (url.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
      return { id, name, user, url, aliases, cached: cached.some((file) => file.startsWith(`${stem}-`)) };
    });
  if (json === true) io.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else
    io.stdout.write(
      table(
        ['Id', 'Name', 'User', 'Cached'].map((title) => ({ title, align: 'left' }) as const),
        rows.map(({ id, name, user, cached: here }) =>
          [id, name, user, here ? 'yes' : '-'].map((cell) => safe(cell)),
        ),
      ),
    );
  return CreateExit.ok;
}
