import type { TransferPace, TransferProgress } from '../../libvirt/transfer.js';
import type { AddressProgress } from '../../provision/address.js';
import type { CutOff } from '../../provision/cleanup.js';
import type { CreationEvent, Outcome } from '../../provision/create.js';
import { consoleLine, haltHint, outcomeText, sshLine } from '../../provision/outcome-text.js';
import type { Finding, MachinePlan, Plan } from '../../provision/plan.js';
import type { StepEvent } from '../../provision/run-plan.js';
import { literal, type SafeText, safe, safeBlock, safeLines } from '../../text/safe.js';
import { shellWord } from '../../text/shell-word.js';
import { truncate, width } from '../../text/width.js';
import type { Endpoint } from '../../transport/endpoint.js';
import type { CommandIo } from '../command.js';
import type { Host } from '../hosts.js';
import { paceText, seldom } from '../vol/progress.js';
import { Waiting } from './waiting.js';

/** Says how a creation goes: to a person, to a script, or as JSON. */
export interface CreateReport {
  /** The host, and what is made there. */
  begin(host: Pick<Host, 'label' | 'hypervisor'>, machines: readonly MachinePlan[]): void;
  findings(findings: readonly Finding[]): void;
  /** For --dry-run. */
  plan(plan: Plan): void;
  event(event: CreationEvent | StepEvent): void;
  /** What was found of an earlier creation. */
  cutOff(cutOff: CutOff): void;
  /** What went wrong before or beside the steps. */
  error(message: string, hint: string | undefined): void;
  /** The end of it all: the exit code, and what came of each machine by its name. */
  result(code: number, outcomes: ReadonlyMap<string, Outcome>): void;
}

/**
 * Lines: what is done on standard error, what came of it on standard output.
 *
 * @param given the connection as it was typed: commands that are proposed need it as well
 */
export function textReport(io: CommandIo, given: string | undefined): CreateReport {
  const { stdout } = io;
  const lines = new Lines(io);
  const meters = new Meters();
  const waiting = new Waiting((text) => lines.overwrite(text));
  const isNews = newsOfAddress();
  /** Of the steps that are under way, by `keyOf`. */
  const titles = new Map<string, string>();
  let host = '';
  let endpoint: Endpoint | undefined;
  let machines: readonly MachinePlan[] = [];
  let cancelled = false;
  const who = (machine: string | undefined): SafeText =>
    machine === undefined || machines.length < 2 ? literal`` : literal`${safe(machine)}: `;
  const say = (machine: string | undefined, text: SafeText): void =>
    lines.say(literal`${who(machine)}${text}`);
  return {
    begin: ({ label, hypervisor }, planned) => {
      host = label;
      endpoint = hypervisor.endpoint;
      machines = planned;
    },
    findings: (findings) => {
      for (const { level, message, fix } of findings) {
        lines.say(literal`${safe(level)}: ${safe(message)}`);
        if (fix) for (const line of safeLines(fix)) lines.say(literal`hint: ${line}`);
      }
    },
    error: (message, hint) => {
      lines.say(literal`error: ${safe(message)}`);
      if (hint) lines.say(literal`hint: ${safe(hint)}`);
    },
    plan: (plan) => printPlan(plan, stdout),
    cutOff: ({ record, machines: names, made }) => {
      const { connection, uri, startedAt } = record;
      stdout.write(
        literal`${safe(names.join(', '))} on ${safe(connection ?? uri)}, begun ${safe(startedAt)}:\n`,
      );
      for (const one of made) stdout.write(literal`  ${safe(one)}\n`);
      if (made.length === 0) stdout.write(literal`  nothing is left of it\n`);
    },
    // Each machine has said what came of it.
    result: () => {},
    event: (event) => {
      switch (event.type) {
        case 'step': {
          const { machine, title, state, text } = event;
          if (state === 'running') {
            titles.set(keyOf(event), title);
            return lines.overwrite(literal`${who(machine)}${safe(title)} …`);
          }
          titles.delete(keyOf(event));
          if (state === 'done') return say(machine, literal`${safe(title)}: ${safe(text ?? 'done')}`);
          cancelled ||= text === 'cancelled';
          // Why it failed is said at the end, after what is taken back.
          return say(machine, literal`${safe(title)}: ${safe(text === 'cancelled' ? text : 'failed')}`);
        }
        case 'progress':
          return meters.tell(event, (pace) =>
            lines.overwrite(
              literal`${who(event.machine)}${safe(titles.get(keyOf(event)) ?? '')}`,
              paceText(pace),
            ),
          );
        case 'say':
          return say(event.machine, safe(event.text));
        case 'undo': {
          const { machine, what, state, text } = event;
          if (state === 'done') return say(machine, literal`undone: ${safe(what)}`);
          if (state === 'kept') return say(machine, literal`stays: ${safe(what)}: ${safe(text ?? '')}`);
          if (state === 'failed')
            return say(machine, literal`undone: ${safe(what)}: failed, ${safe(text ?? '')}`);
          const takes = text === undefined ? literal`` : literal`${safe(text)}; `;
          const again = cancelled ? literal` (${takes}Ctrl-C again ends at once)` : literal``;
          return lines.overwrite(literal`${who(machine)}taking back: ${safe(what)} …${again}`);
        }
        case 'address': {
          const { machine, progress } = event;
          if (isNews(machine, progress)) say(machine, safe(addressText(progress)));
          return waiting.tell(machine, progress.console.at(-1) ?? '');
        }
        case 'end':
          waiting.end(event.machine);
          return end(event);
      }
    },
  };

  function end({ machine, outcome }: Extract<CreationEvent, { type: 'end' }>): void {
    const text = safe(outcomeText(machine, outcome));
    const planned = machines.find(({ name }) => name === machine);
    const way = planned && (sshLine(planned, outcome, endpoint) ?? consoleLine(planned, outcome, given));
    const withWay = way === undefined ? text : literal`${text}      ${safe(way)}`;
    if (outcome.state === 'up') lines.say(withWay, stdout);
    else if (outcome.state === 'halted') halted(machine, text, outcome);
    else if (outcome.state === 'timeout') timedOut(machine, outcome.progress);
    else if (outcome.state !== 'made') ended(text, outcome);
    // Ctrl-C is no failure; that it stopped, or that nobody can see it any more, is one.
    else if (outcome.note === undefined || io.signal?.aborted) lines.say(withWay, stdout);
    else lines.say(literal`error: ${safe(host)}: ${text}`);
  }

  function ended(text: SafeText, { error, left, state }: Extract<Outcome, { left: unknown }>): void {
    lines.say(state === 'cancelled' ? text : literal`error: ${safe(host)}: ${text}`);
    if (state === 'failed' && error.step !== undefined) lines.say(literal`step: ${safe(error.step.title)}`);
    if (error.hint) lines.say(literal`hint: ${safe(error.hint)}`);
    for (const one of left) {
      lines.say(literal`error: left behind: ${safe(one.what)}: ${safe(one.why)}`);
      lines.say(literal`hint: ${safe(one.byHand)}, or virtdeck create --cleanup`);
    }
  }

  function halted(machine: string, text: SafeText, { fix, console }: Extract<Outcome, { state: 'halted' }>) {
    lines.say(literal`error: ${safe(host)}: ${text}`);
    lines.say(literal`hint: ${safe(haltHint(machine, fix, given))}`);
    tellConsole(console);
  }

  function tellConsole(tail: readonly string[]): void {
    if (tail.length > 0) lines.say(literal`The last lines of its console:`);
    for (const line of tail) lines.say(literal`  ${safe(line)}`);
  }

  function timedOut(machine: string, progress: AddressProgress): void {
    const { lease, agentConnected, useless, console: tail } = progress;
    const pending = agentConnected
      ? `its agent has told no address that leads to it${useless.length === 0 ? '' : `, only ${useless.join(', ')}`}`
      : lease === undefined
        ? 'no DHCP lease and no agent yet'
        : `it has the DHCP lease ${lease}; its agent has not connected`;
    lines.say(literal`error: ${safe(host)}: ${safe(machine)} exists and runs, but: ${safe(pending)}`);
    const on = given === undefined ? '' : ` -c ${shellWord(given)}`;
    const kvm = machines.find(({ name }) => name === machine)?.domainXml.includes('<domain type="kvm"');
    lines.say(
      safe(
        `hint: look at it by virtdeck console ${shellWord(machine)}${on} and virtdeck list${on}; a longer --timeout waits longer.` +
          (kvm ? ' A guest that says nothing at all may need --virt-type qemu.' : ''),
      ),
    );
    tellConsole(tail);
  }
}

function keyOf({ machine, step }: { readonly machine: string | undefined; readonly step: string }): string {
  return `${machine ?? ''} ${step}`;
}

function addressText({ phase, lease, agentConnected, useless }: AddressProgress): string {
  if (agentConnected && useless.length > 0)
    return `the guest agent tells only addresses that do not lead to it, ${useless.join(', ')}: waiting for another`;
  if (agentConnected) return 'the guest agent is connected';
  return phase === 'lease' && lease !== undefined
    ? `DHCP lease ${lease}; waiting for the guest agent`
    : 'booting';
}

/** Tells news from the console's lines, which come with the same progress. */
export function newsOfAddress(): (machine: string, progress: AddressProgress) => boolean {
  const told = new Map<string, string>();
  return (machine, progress) => {
    const text = addressText(progress);
    const isNews = told.get(machine) !== text;
    told.set(machine, text);
    return isNews;
  };
}

function printPlan({ shared, machines }: Plan, stdout: CommandIo['stdout']): void {
  const print = (text: string): void => void stdout.write(literal`${safeBlock(text)}\n`);
  const [first] = machines;
  print('Plan:');
  for (const { title } of [...shared, ...machines.flatMap(({ steps }) => steps)]) print(`  ${title}`);
  if (first === undefined) return;
  print(`\nThe domain${machines.length > 1 ? ` ${first.name}` : ''}:\n${first.domainXml}`);
  for (const [path, contents] of first.seedFiles)
    print(`${path} (what looks like a secret is masked):\n${contents}\n`);
}

/** Lines that stay, and on a terminal one below them that is written over and over. */
class Lines {
  readonly #stderr: CommandIo['stderr'];
  readonly #seen: boolean;
  #open = false;

  constructor({ stderr }: CommandIo) {
    this.#stderr = stderr;
    this.#seen = stderr.isTTY === true;
  }

  say(text: SafeText, to: CommandIo['stdout'] = this.#stderr): void {
    if (this.#open) this.#stderr.write(literal`\r\u001B[K`);
    this.#open = false;
    to.write(literal`${text}\n`);
  }

  /**
   * A line that is longer than the terminal is wide could not be written over: it is cut.
   *
   * @param end stays whole where there is room for it
   */
  overwrite(text: SafeText, end?: SafeText): void {
    if (!this.#seen) return;
    const cells = this.#columns() - 1;
    const tail = end === undefined ? literal`` : literal`: ${end}`;
    const head = truncate(text, Math.max(0, cells - width(tail)));
    this.#stderr.write(literal`\r\u001B[K${truncate(literal`${head}${tail}`, cells)}`);
    this.#open = true;
  }

  #columns(): number {
    const stderr = this.#stderr;
    return 'columns' in stderr && typeof stderr.columns === 'number' ? stderr.columns : 80;
  }
}

/** Rate and time left of each transfer, told now and then. */
export class Meters {
  readonly #meters = new Map<string, TransferProgress>();

  tell(event: Extract<StepEvent, { type: 'progress' }>, tell: (pace: TransferPace) => void): void {
    const key = keyOf(event);
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = seldom(tell);
      this.#meters.set(key, meter);
    }
    meter(event.bytes, event.total, event.checking);
  }
}
