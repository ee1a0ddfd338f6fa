import { catalogueFor } from '../../provision/images/catalogue.js';
import { CreationJournal, creationsFolder } from '../../provision/journal.js';
import { isLocalUri } from '../../provision/places.js';
import { mostAtOnce, namesFor } from '../../provision/request/names.js';
import { loadSettings } from '../../settings/load-settings.js';
import { settingsPath } from '../../settings/settings-path.js';
import { safeLines } from '../../text/safe.js';
import { type Command, type CommandIo, ExitCode } from '../command.js';
import { type ConnectionChoice, chooseConnections } from '../connections.js';
import { codeOfEnd } from '../ending.js';
import { usageError } from '../failures.js';
import { cleanUp, hintOfCutOff } from './cleanup.js';
import { createFlags, createUsage } from './flags.js';
import { listImages } from './images.js';
import { jsonReport } from './json.js';
import { createOn, type Doing, onHost } from './on-host.js';
import { type CreateReport, textReport } from './report.js';
import { requestOf } from './request.js';
import { checkFlags } from './rules.js';
import { notThis, UsageProblem } from './usage.js';

/** How long an address is waited for, in milliseconds: an emulated guest takes minutes. */
const patience = 600_000;

/** `virtdeck create` */
export const create: Command = {
  usage: createUsage,
  flags: createFlags,
  async run({ input, flags }, io) {
    const [given] = Array.isArray(flags.connect) ? flags.connect.map(String) : [];
    const report = flags.json === true ? jsonReport(io) : textReport(io, given);
    try {
      return await run(input, flags, io, report);
    } catch (error) {
      if (io.signal?.aborted) {
        const code = codeOfEnd(io.signal);
        report.result(code, new Map());
        return code;
      }
      if (!(error instanceof UsageProblem)) throw error;
      if (flags.json !== true) return usageError(io, 'create', safeLines(error.message).join('\n'));
      report.error(error.message, 'See: virtdeck create --help');
      report.result(ExitCode.usage, new Map());
      return ExitCode.usage;
    }
  },
};

type Flags = Readonly<Record<string, unknown>>;

async function run(
  input: readonly string[],
  flags: Flags,
  io: CommandIo,
  report: CreateReport,
): Promise<number> {
  const { settings } = await loadSettings(settingsPath(io.env));
  const catalogue = catalogueFor(settings.images);
  if (flags.images === true) return listImages(catalogue, flags, io);
  const signal = io.signal ?? new AbortController().signal;
  const journal = new CreationJournal(creationsFolder(io.env));
  const timeout = timeoutOf(flags);
  checkFlags(flags);
  const [name, ...more] = input;
  if (flags.cleanup === true) {
    if (name !== undefined)
      throw new UsageProblem('--cleanup is for all that was cut off: leave out the name');
    return cleanUp({ flags, io, journal, signal, timeout, report });
  }
  await hintOfCutOff(journal, io);
  if (name === undefined) throw new UsageProblem('give the VM a name: virtdeck create web-1');
  if (more.length > 0)
    throw new UsageProblem(`one name only, not "${more[0]}" as well; --count makes several`);
  const count = countOf(flags);
  const request = await requestOf(name, { io, flags, catalogue, signal });
  const requests = namesFor(name, count).map((one) => ({ ...request, name: one }));
  const choice = await chooseOne(flags, io);
  const doing: Doing = { flags, io, journal, signal, timeout, report };
  return onHost(choice, doing, (host) => createOn(host, requests, doing));
}

function countOf({ count }: Flags): number {
  if (count === undefined) return 1;
  if (Number.isInteger(count) && Number(count) >= 1 && Number(count) <= mostAtOnce) return Number(count);
  throw new UsageProblem(`--count is a number from 1 to ${mostAtOnce}${notThis(count)}`);
}

/** @returns milliseconds */
function timeoutOf({ timeout }: Flags): number {
  if (timeout === undefined) return patience;
  const [, digits = '', unit = 's'] = /^(\d+)\s*(s|m|min|h)?$/.exec(String(timeout)) ?? [];
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };
  const value = Number(digits) * (seconds[unit] ?? 1) * 1000;
  if (digits === '' || value === 0)
    throw new UsageProblem(`--timeout is a time, such as 90 (seconds), 5m, 1h${notThis(timeout)}`);
  return value;
}

/** A VM is made on one host: the one there is, or the only one of them that is this machine. */
async function chooseOne(flags: Flags, io: CommandIo): Promise<ConnectionChoice> {
  const choices = await chooseConnections(flags.connect, io);
  const local = flags.connect === undefined ? choices.filter(({ uri }) => isLocalUri(uri)) : [];
  const [choice] = choices.length === 1 ? choices : local;
  if (choice !== undefined && (choices.length === 1 || local.length === 1)) return choice;
  const names = choices.map(({ label }) => label).join(', ');
  throw new UsageProblem(`say on which host: -c one of ${names}`);
}
