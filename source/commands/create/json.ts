import { reachText } from '../../inventory/domain-reach.js';
import type { CreationEvent, Outcome } from '../../provision/create.js';
import { sshLine } from '../../provision/outcome-text.js';
import type { MachinePlan } from '../../provision/plan.js';
import { jsonText } from '../../text/json.js';
import { literal } from '../../text/safe.js';
import type { Endpoint } from '../../transport/endpoint.js';
import type { CommandIo } from '../command.js';
import { type CreateReport, Meters, newsOfAddress } from './report.js';

/** A JSON object a line, as `virtdeck create --help` names them. */
export function jsonReport({ stdout }: CommandIo): CreateReport {
  const line = (value: object): void => void stdout.write(literal`${jsonText(value)}\n`);
  const meters = new Meters();
  const isNews = newsOfAddress();
  let host: string | undefined;
  let endpoint: Endpoint | undefined;
  let machines: readonly MachinePlan[] = [];
  const factsOf = (name: string, outcome: Outcome) => {
    const planned = machines.find((machine) => machine.name === name);
    return { ...outcomeFacts(outcome), ssh: planned && sshLine(planned, outcome, endpoint) };
  };
  return {
    begin: ({ label, hypervisor }, planned) => {
      host = label;
      endpoint = hypervisor.endpoint;
      machines = planned;
    },
    findings: (findings) => {
      for (const { level, field, message, fix } of findings)
        line({ type: level === 'error' ? 'error' : 'finding', level, field, message, hint: fix });
    },
    error: (message, hint) => line({ type: 'error', level: 'error', message, hint }),
    plan: ({ shared, machines: planned }) =>
      line({ type: 'plan', shared: shared.map(stepFacts), machines: planned.map(machineFacts) }),
    cutOff: ({ record, machines: names, made }) => {
      const { connection, uri, startedAt } = record;
      line({ type: 'cut-off', host: connection ?? uri, begun: startedAt, machines: names, made });
    },
    event: (event) => {
      if (event.type === 'progress') {
        const { machine, step } = event;
        meters.tell(event, ({ bytes, total, rate, eta, checking }) => {
          const pace = { rate: rounded(rate), eta: rounded(eta), ...(checking && { checking }) };
          line({ type: 'progress', machine, step, bytes, total, ...pace });
        });
      } else if (event.type === 'address') {
        const { machine, progress } = event;
        const { phase, lease, agentConnected, useless } = progress;
        if (isNews(machine, progress))
          line({ type: 'address', machine, phase, lease, agentConnected, useless });
      } else if (event.type === 'end') line(endLine(event));
      else line(event);
    },
    result: (code, outcomes) =>
      line({
        type: 'result',
        code,
        host,
        machines: [...outcomes].map(([name, outcome]) => ({
          name,
          state: outcome.state,
          address: outcome.state === 'up' ? outcome.found.address : undefined,
          reach: outcome.state === 'up' ? outcome.found.reach.kind : undefined,
          ssh: factsOf(name, outcome).ssh,
        })),
      }),
  };

  function endLine({ machine, outcome }: Extract<CreationEvent, { type: 'end' }>): object {
    return { type: 'end', machine, ...factsOf(machine, outcome) };
  }
}

function outcomeFacts(outcome: Outcome): object {
  if (outcome.state === 'up') {
    const { reach, ...found } = outcome.found;
    const forward = reach.kind === 'forward' ? reachText(reach) : undefined;
    return { state: 'up', ...found, reach: reach.kind, forward };
  }
  if (outcome.state === 'halted') {
    const { state, message, console } = outcome;
    return { state, message, console };
  }
  if (outcome.state === 'made' || outcome.state === 'timeout') return outcome;
  const { state, error, left } = outcome;
  return { state, message: error.message, hint: error.hint, step: error.step?.id, left };
}

function machineFacts({ name, uuid, mac, user, steps, domainXml, seedFiles }: MachinePlan): object {
  const seed = Object.fromEntries(seedFiles);
  return { name, uuid, mac, user, steps: steps.map(stepFacts), domainXml, seed };
}

const stepFacts = ({ id, title }: { readonly id: string; readonly title: string }) => ({ id, title });
const rounded = (value: number | undefined) => (value === undefined ? undefined : Math.round(value));
