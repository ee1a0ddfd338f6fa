import { createOpener } from '../lab/opener.js';
import type { LibvirtError } from '../libvirt/errors.js';
import { type CutOff, describeCutOff, removeCutOff, unfinishedRequests } from '../provision/cleanup.js';
import type { CreationJournal } from '../provision/journal.js';
import { safe } from '../text/safe.js';
import { ask } from './ask.js';
import { type CommandIo, ExitCode } from './command.js';
import { reportError } from './connections.js';
import { createOn } from './create.js';
import { textReport } from './create-report.js';
import { UsageProblem } from './create-request.js';

interface CleanupContext {
  readonly io: CommandIo;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly journal: CreationJournal;
  readonly signal: AbortSignal;
}

type Choice = 'finish' | 'remove' | 'leave';

/** One line where creations were cut off: they are not to be forgotten. */
export async function hintOfCutOff(journal: CreationJournal, { stderr }: CommandIo): Promise<void> {
  const names = (await journal.cutOff()).flatMap((record) => describeCutOff(record).machines);
  if (names.length === 0) return;
  stderr.write(
    `hint: not finished earlier: ${safe(names.join(', '))}. virtdeck create --cleanup removes or finishes it.\n`,
  );
}

/** `virtdeck create --cleanup` */
export async function cleanUp(context: CleanupContext): Promise<number> {
  const { io, flags, journal } = context;
  if (flags.remove === true && flags.finish === true)
    throw new UsageProblem('one of --remove, --finish, not both');
  const records = (await journal.cutOff()).map(describeCutOff);
  if (records.length === 0) {
    io.stdout.write('Nothing is left of creations that were cut off.\n');
    return ExitCode.ok;
  }
  let failed = false;
  for (const cutOff of records) {
    describe(cutOff, io);
    const choice = await choose(context);
    if (choice === 'leave') {
      io.stderr.write('hint: --remove takes it away, --finish makes the VM anew.\n');
      failed = true;
    } else if ((await settle(cutOff, choice, context)) !== ExitCode.ok) failed = true;
  }
  return failed ? ExitCode.failed : ExitCode.ok;
}

function describe({ record, machines, made }: CutOff, { stdout }: CommandIo): void {
  const host = record.connection ?? record.uri;
  stdout.write(`${safe(machines.join(', '))} on ${safe(host)}, begun ${safe(record.startedAt)}:\n`);
  for (const one of made) stdout.write(`  ${safe(one)}\n`);
  if (made.length === 0) stdout.write('  nothing is left of it\n');
}

async function choose({ io, flags }: CleanupContext): Promise<Choice> {
  if (flags.remove === true) return 'remove';
  if (flags.finish === true) return 'finish';
  const answer = await ask(io, 'Finish it, remove it, or leave it? [f/r/L] ');
  const choices: Readonly<Record<string, Choice>> = { f: 'finish', r: 'remove' };
  return choices[answer?.charAt(0).toLowerCase() ?? ''] ?? 'leave';
}

async function settle({ record }: CutOff, choice: Choice, context: CleanupContext): Promise<number> {
  const { io, journal, signal, flags } = context;
  const { connection } = record;
  const label = connection ?? record.uri;
  const open = createOpener();
  try {
    const hypervisor = await open(connection, { events: true, keepalive: true, env: io.env, signal });
    try {
      const connect = () => open(connection, { env: io.env });
      const report = textReport(io, () => []);
      const host = { hypervisor, connect };
      const left = await removeCutOff(record, { host, journal, onEvent: report.event });
      for (const { what, why, byHand } of left) report.error(`left behind: ${what}: ${why}`, byHand);
      if (left.length > 0) return ExitCode.failed;
      if (choice === 'remove') return ExitCode.ok;
      const doing = { flags, io, journal, signal, timeout: 600_000 };
      return await createOn({ ...host, connection, label }, unfinishedRequests(record), doing);
    } finally {
      await hypervisor.close();
    }
  } catch (error) {
    reportError(io, label, error as LibvirtError);
    return ExitCode.failed;
  }
}
