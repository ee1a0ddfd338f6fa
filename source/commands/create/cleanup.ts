import { type CutOff, describeCutOff, removeCutOff, unfinishedRequests } from '../../provision/cleanup.js';
import type { Outcome } from '../../provision/create.js';
import type { CreationJournal } from '../../provision/journal.js';
import { literal, safe } from '../../text/safe.js';
import { ask } from '../ask.js';
import { type CommandIo, ExitCode } from '../command.js';
import { codeOfEnd } from '../ending.js';
import { createOn, type Doing, onHost } from './on-host.js';
import type { CreateReport } from './report.js';
import { UsageProblem } from './usage.js';

const choices = ['finish', 'remove', 'leave'] as const;
type Choice = (typeof choices)[number];

/** One line where creations were cut off: they are not to be forgotten. */
export async function hintOfCutOff(journal: CreationJournal, { stderr }: CommandIo): Promise<void> {
  const names = (await journal.cutOff()).flatMap((record) => describeCutOff(record).machines);
  if (names.length === 0) return;
  stderr.write(
    literal`hint: not finished earlier: ${safe(names.join(', '))}. virtdeck create --cleanup removes or finishes it.\n`,
  );
}

/** `virtdeck create --cleanup`; the exit code: the highest of those of the creations. */
export async function cleanUp(doing: Doing): Promise<number> {
  const { io, flags, journal, signal, report } = doing;
  if (flags.remove === true && flags.finish === true)
    throw new UsageProblem('one of --remove, --finish, not both');
  const records = (await journal.cutOff()).map(describeCutOff);
  if (records.length === 0 && flags.json !== true)
    io.stdout.write(literal`Nothing is left of creations that were cut off.\n`);
  const outcomes = new Map<string, Outcome>();
  // One result of all of them.
  const one: CreateReport = {
    ...report,
    result: (_, made) => {
      for (const [name, outcome] of made) outcomes.set(name, outcome);
    },
  };
  let worst: number = ExitCode.ok;
  for (const cutOff of records) {
    report.cutOff(cutOff);
    const choice = await choose(doing);
    if (signal.aborted) {
      worst = codeOfEnd(signal);
      break;
    }
    if (choice === 'leave' && flags.json !== true)
      io.stderr.write(literal`hint: --remove takes it away, --finish makes the VM anew.\n`);
    const code =
      choice === 'leave' ? ExitCode.failed : await settle(cutOff, choice, { ...doing, report: one });
    worst = Math.max(worst, code);
  }
  report.result(worst, outcomes);
  return worst;
}

async function choose({ io, flags }: Doing): Promise<Choice> {
  if (flags.remove === true) return 'remove';
  if (flags.finish === true) return 'finish';
  if (flags.json === true) return 'leave';
  for (;;) {
    const answer = await ask(io, literal`Finish it, remove it, or leave it? [f/r/L] `);
    if (!answer) return 'leave';
    // "resume" is not "remove".
    const choice = choices.find((one) => [one, one.charAt(0)].includes(answer.toLowerCase()));
    if (choice !== undefined) return choice;
    io.stderr.write(literal`f, r or l is the answer; Enter leaves it.\n`);
  }
}

function settle({ record }: CutOff, choice: Exclude<Choice, 'leave'>, doing: Doing): Promise<number> {
  const { journal, report } = doing;
  const { connection } = record;
  return onHost({ uri: connection, label: connection ?? record.uri }, doing, async (host) => {
    const finish = choice === 'finish';
    const { left, running } = await removeCutOff(record, { host, journal, onEvent: report.event, finish });
    if (finish && doing.flags.json !== true)
      for (const name of running)
        doing.io.stdout.write(literal`${safe(name)} runs: it is whole, and stays as it is.\n`);
    for (const { what, why, byHand } of left) report.error(`left behind: ${what}: ${why}`, byHand);
    if (left.length > 0) return ExitCode.failed;
    const requests = finish ? unfinishedRequests(record).filter(({ name }) => !running.includes(name)) : [];
    return requests.length === 0 ? ExitCode.ok : createOn(host, requests, doing);
  });
}
