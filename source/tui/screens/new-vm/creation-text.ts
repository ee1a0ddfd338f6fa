import { shortList } from '../../../text/units.js';
import type { Creation } from './creation.js';

/** "web-1", "web-1 to web-5" */
export function namesText(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  return rest.length === 0 ? first : `${first} to ${rest.at(-1)}`;
}

/** What a creation is doing or waiting for, in a few words; undefined where a byte count says enough. */
export function doingOf({ steps, undone, machines, addresses, outcomes }: Creation): string | undefined {
  const back = undone.find(({ state }) => state === 'running');
  if (back !== undefined) return `taking back ${back.what}`;
  const running = steps.filter(({ state }) => state === 'running');
  const checking = running.find(({ progress }) => progress?.checking);
  if (checking !== undefined) return `${checking.title}: reading it back`;
  if (running.some(({ progress }) => progress !== undefined)) return undefined;
  const [step] = running;
  if (step !== undefined) return step.text ?? step.title;
  const waited = machines.filter(({ name }) => addresses.has(name) && !outcomes.has(name));
  const [first] = waited;
  if (first === undefined) return undefined;
  if (waited.length > 1) return `waiting for ${waited.length} addresses`;
  const { lease, agentConnected = false } = addresses.get(first.name) ?? {};
  const agent = agentConnected ? 'agent connected, has told no address' : 'waiting for the agent';
  if (lease === undefined) return agentConnected ? agent : 'booting';
  return `DHCP lease ${lease}, ${agent}`;
}

/** What comes of it where it is cancelled now. */
export function fateOf(creation: Creation): string {
  const { names, steps, outcomes } = creation;
  if (names.length === 0) return 'What is removed stays removed; the rest is asked about at the next start.';
  const whole = names.filter((name) => creation.isWhole(name));
  const half = names.filter((name) => !whole.includes(name) && !outcomes.has(name));
  const begun = steps.some(
    ({ machine, state }) => state !== 'waiting' && (machine === undefined || half.includes(machine)),
  );
  const waited = whole.some((name) => !outcomes.has(name));
  const parts: string[] = [];
  if (whole.length > 0)
    parts.push(
      `${listed(whole)} stay${whole.length === 1 ? 's' : ''}${waited ? `${whole.length === 1 ? ' as it is' : ' as they are'}, only not waited for` : ''}.`,
    );
  if (half.length > 0)
    parts.push(begun ? `What has been made of ${listed(half)} is removed.` : 'Nothing has been made yet.');
  return parts.join(' ');
}

const namesListed = 3;

function listed(names: readonly string[]): string {
  return shortList(names, namesListed);
}
