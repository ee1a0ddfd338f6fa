import type { TransferPace, TransferProgress } from '../libvirt/transfer.js';
import type { AddressProgress } from '../provision/address.js';
import type { CreationEvent, Outcome } from '../provision/create.js';
import { outcomeText, sshLine } from '../provision/outcome-text.js';
import type { Finding, MachinePlan } from '../provision/plan.js';
import type { StepEvent } from '../provision/run-plan.js';
import { safe, safeLines } from '../text/safe.js';
import type { CommandIo } from './command.js';
import { paceText, seldom } from './vol-progress.js';

/** Says how a creation goes: to a person, to a script, or as JSON. */
export interface CreateReport {
  findings(findings: readonly Finding[]): void;
  event(event: CreationEvent | StepEvent): void;
  /** What went wrong before or beside the steps. */
  error(message: string, hint: string | undefined): void;
}

const levels: Readonly<Record<Finding['level'], string>> = {
  error: 'error',
  warning: 'warning',
  note: 'note',
};

/** One JSON object a line, as `--help` names them. */
export function jsonReport({ stdout }: CommandIo, machines: () => readonly MachinePlan[]): CreateReport {
  const line = (value: object): void => void stdout.write(`${JSON.stringify(value)}\n`);
  const meters = new Meters();
  const addresses = new Map<string, string>();
  return {
    findings: (findings) => {
      for (const { level, field, message, fix } of findings)
        line({ type: level === 'error' ? 'error' : 'finding', level, field, message, hint: fix });
    },
    error: (message, hint) => line({ type: 'error', message, hint }),
    event: (event) => {
      if (event.type === 'progress') {
        const { machine, step } = event;
        meters.tell(event, (pace) => line({ type: 'progress', machine, step, ...pace }));
      } else if (event.type === 'address') {
        const { phase, lease, agentConnected } = event.progress;
        const text = addressText(event.progress);
        // The console's lines are no news of the address.
        if (addresses.get(event.machine) !== text)
          line({ type: 'address', machine: event.machine, phase, lease, agentConnected });
        addresses.set(event.machine, text);
      } else if (event.type === 'end')
        line({
          type: 'end',
          machine: event.machine,
          ...outcomeFacts(event.outcome),
          ssh: sshOf(event, machines()),
        });
      else line(event);
    },
  };
}

function outcomeFacts(outcome: Outcome): object {
  switch (outcome.state) {
    case 'up':
      return { state: 'up', ...outcome.found };
    case 'made':
      return outcome;
    case 'timeout':
      return outcome;
    default: {
      const { state, error, left } = outcome;
      return { state, message: error.message, hint: error.hint, step: error.step?.id, left };
    }
  }
}

function sshOf(
  { machine, outcome }: Extract<CreationEvent, { type: 'end' }>,
  machines: readonly MachinePlan[],
) {
  return sshLine(machines.find(({ name }) => name === machine)?.user, outcome);
}

/** Lines: what is done on standard error, what came of it on standard output. */
export function textReport(io: CommandIo, machines: () => readonly MachinePlan[]): CreateReport {
  const { stdout, stderr } = io;
  const seen = 'isTTY' in stderr && stderr.isTTY === true;
  const meters = new Meters();
  const addresses = new Map<string, string>();
  let open = false;
  /** A line that stays; what was written over and over is cleared before. */
  const say = (text: string, to: { write(text: string): unknown } = stderr): void => {
    if (open) stderr.write('\r\u001B[K');
    open = false;
    to.write(`${text}\n`);
  };
  const overwrite = (text: string): void => {
    if (!seen) return;
    stderr.write(`\r\u001B[K${text}`);
    open = true;
  };
  const who = (machine: string | undefined): string =>
    machine === undefined || machines().length < 2 ? '' : `${safe(machine)}: `;
  return {
    findings: (findings) => {
      for (const { level, message, fix } of findings) {
        say(`${levels[level]}: ${safe(message)}`);
        if (fix) for (const line of safeLines(fix)) say(`hint: ${line}`);
      }
    },
    error: (message, hint) => {
      say(`error: ${safe(message)}`);
      if (hint) say(`hint: ${safe(hint)}`);
    },
    event: (event) => {
      switch (event.type) {
        case 'step': {
          const { machine, title, state, text } = event;
          if (state === 'running') overwrite(`${who(machine)}${safe(title)} …`);
          if (state === 'done') say(`${who(machine)}${safe(title)}: ${safe(text ?? 'done')}`);
          if (state === 'failed') say(`${who(machine)}${safe(title)}: failed`);
          return;
        }
        case 'progress':
          return meters.tell(event, (pace) => overwrite(`${who(event.machine)}${paceText(pace)}`));
        case 'say':
          return say(`${who(event.machine)}${safe(event.text)}`);
        case 'undo': {
          const { machine, what, state, text } = event;
          if (state === 'running') return;
          return say(
            `${who(machine)}undone: ${safe(what)}${state === 'failed' ? `: failed, ${safe(text ?? '')}` : ''}`,
          );
        }
        case 'address': {
          const { machine, progress } = event;
          const text = addressText(progress);
          if (addresses.get(machine) === text) return overwrite(lastLine(progress, who(machine)));
          addresses.set(machine, text);
          return say(`${who(machine)}${safe(text)}`);
        }
        case 'end':
          return end(event);
      }
    },
  };

  function end(event: Extract<CreationEvent, { type: 'end' }>): void {
    const { machine, outcome } = event;
    const text = safe(outcomeText(machine, outcome));
    const ssh = sshOf(event, machines());
    if (outcome.state === 'up') say(`${text}${ssh === undefined ? '' : `      ${safe(ssh)}`}`, stdout);
    else if (outcome.state === 'timeout') timedOut(machine, outcome.progress);
    else if (outcome.state !== 'made') ended(text, outcome);
    else if (outcome.note === undefined || outcome.running) say(text, stdout);
    else say(`error: ${text}`);
  }

  function ended(text: string, { error, left, state }: Extract<Outcome, { left: unknown }>): void {
    say(state === 'cancelled' ? text : `error: ${text}`);
    if (state === 'failed' && error.step !== undefined) say(`step: ${safe(error.step.title)}`);
    if (error.hint) say(`hint: ${safe(error.hint)}`);
    for (const one of left) {
      say(`error: left behind: ${safe(one.what)}: ${safe(one.why)}`);
      say(`hint: ${safe(one.byHand)}, or virtdeck create --cleanup`);
    }
  }

  function timedOut(machine: string, progress: AddressProgress): void {
    const { lease, agentConnected, console: lines } = progress;
    const pending = agentConnected
      ? 'its agent has told no address yet'
      : lease === undefined
        ? 'no DHCP lease and no agent yet'
        : `it has the DHCP lease ${lease}; its agent has not connected`;
    say(`error: ${safe(machine)} exists and runs, but: ${safe(pending)}`);
    say(
      `hint: look at it by virtdeck console ${safe(machine)} and virtdeck list; a longer --timeout waits longer. ` +
        'A guest that says nothing at all may need --virt-type qemu.',
    );
    if (lines.length > 0) say(`The last lines of its console:`);
    for (const line of lines) say(`  ${safe(line)}`);
  }
}

function addressText({ phase, lease, agentConnected }: AddressProgress): string {
  if (agentConnected) return 'the guest agent is connected';
  return phase === 'lease' && lease !== undefined
    ? `DHCP lease ${lease}; waiting for the guest agent`
    : 'booting';
}

function lastLine({ console: lines }: AddressProgress, who: string): string {
  return `${who}${safe((lines.at(-1) ?? '').slice(0, 70))}`;
}

/** Rate and time left of each transfer, told now and then. */
class Meters {
  readonly #meters = new Map<string, TransferProgress>();

  tell(
    { machine, step, bytes, total }: Extract<StepEvent, { type: 'progress' }>,
    tell: (pace: TransferPace) => void,
  ): void {
    const key = `${machine ?? ''} ${step}`;
    let meter = this.#meters.get(key);
    if (meter === undefined) {
      meter = seldom(tell);
      this.#meters.set(key, meter);
    }
    meter(bytes, total);
  }
}
