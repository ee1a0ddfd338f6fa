import type { Creation } from './creation.js';

/** "web-1", "web-1 to web-5" */
export function namesText(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  return rest.length === 0 ? first : `${first} to ${rest.at(-1)}`;
}

/** What a creation does or waits for in a few words; undefined where bytes tell how far it is. */
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
