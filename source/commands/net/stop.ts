import {
  guestNames,
  guestsOn,
  type NetworkGuests,
  reattachGuests,
} from '../../inventory/network-reattach.js';
import type { Hypervisor } from '../../libvirt/hypervisor.js';
import type { NetworkListing } from '../../libvirt/networks.js';
import { virtdeckLine } from '../../provision/by-hand.js';
import { literal, safe } from '../../text/safe.js';
import { shortList } from '../../text/units.js';
import { askYesNo } from '../ask.js';
import { reportError, reportProblem } from '../failures.js';
import { type Found, type Kind, onEach } from '../hosts.js';
import type { Subcommand, SubcommandContext } from '../subcommands.js';

type Work = (context: SubcommandContext, found: Found<NetworkListing>) => Promise<boolean>;

/** Works on the named networks one by one: there may be questions. */
function onEachNetwork(kind: Kind<NetworkListing>, verb: string, work: Work): Subcommand['run'] {
  return (names, context) =>
    onEach(context, kind, names, verb, (found) => work(context, found), { inTurn: true });
}

/** `virtdeck net stop NAME…`: with guests on it only after a question, or with --yes. */
export const stopNetworks = (kind: Kind<NetworkListing>): Subcommand => ({
  operands: ['NAME…'],
  flags: ['connect', 'yes'],
  run: onEachNetwork(kind, 'stop', async (context, { host, object: network }) => {
    const { io, flags } = context;
    const { hypervisor } = host;
    if (network.active && flags.yes !== true && !(await mayCut(context, hypervisor, network))) return false;
    await hypervisor.networks.stop(network);
    const gone = network.persistent ? literal`` : literal`: it was transient, and is gone`;
    io.stdout.write(literal`Network '${safe(network.name)}' stopped${gone}\n`);
    return true;
  }),
});

async function mayCut(
  { io }: SubcommandContext,
  hypervisor: Hypervisor,
  network: NetworkListing,
): Promise<boolean> {
  const on = await guestsOn(hypervisor, network);
  if (on.guests.length + on.unknown.length === 0) return true;
  const after = network.persistent
    ? 'they lose their link, and stay cut off when it is started again, until net reattach'
    : 'they lose their link, and the network is transient: it is gone then';
  const text = `network '${network.name}' has ${whoIsOn(on)}; ${after}`;
  const answer = await askYesNo(io, literal`${safe(text)}. Stop it?`);
  if (answer === true) return true;
  if (answer === undefined) reportProblem(io, text, '--yes stops it all the same.');
  else io.stderr.write(literal`Nothing was changed.\n`);
  return false;
}

function whoIsOn(on: NetworkGuests): string {
  const known = on.guests.length === 0 ? [] : [guestNames(on)];
  const doubt = on.unknown.length === 0 ? [] : [`perhaps ${shortList(on.unknown)}, which could not be read`];
  return [...known, ...doubt].join(', and ');
}

/** `virtdeck net start NAME…`: says who is still cut off from the last time it was stopped. */
export const startNetworks = (kind: Kind<NetworkListing>): Subcommand => ({
  operands: ['NAME…'],
  flags: ['connect'],
  run: onEachNetwork(kind, 'start', async ({ io }, { host, object: network }) => {
    const { hypervisor, connection } = host;
    await hypervisor.networks.start(network);
    io.stdout.write(literal`Network '${safe(network.name)}' started\n`);
    // It is started: who was on it is an extra.
    const on = await guestsOn(hypervisor, network).catch(() => undefined);
    if (on !== undefined && on.guests.length > 0) {
      const line = virtdeckLine(connection, 'net', 'reattach', network.name);
      io.stderr.write(literal`note: still cut off from it: ${safe(guestNames(on))}\nhint: ${safe(line)}\n`);
    }
    return true;
  }),
});

/** `virtdeck net reattach NAME…` */
export const reattachNetworks = (kind: Kind<NetworkListing>): Subcommand => ({
  operands: ['NAME…'],
  flags: ['connect'],
  run: onEachNetwork(kind, 'reattach the guests of', async ({ io }, { host, object: network }) => {
    if (!network.active) {
      const line = virtdeckLine(host.connection, 'net', 'start', network.name);
      reportProblem(io, `network '${network.name}' is not active`, `Start it first: ${line}`);
      return false;
    }
    const { attached, failed, unknown } = await reattachGuests(host.hypervisor, network);
    const none =
      failed.length + unknown.length === 0 ? 'no active guest is on it' : 'no guest was reattached';
    const names = attached.length === 0 ? none : `reattached ${attached.join(', ')}`;
    io.stdout.write(literal`Network '${safe(network.name)}': ${safe(names)}\n`);
    for (const { name, error } of failed) reportError(io, `Failed to reattach '${name}'`, error, host.label);
    if (unknown.length > 0)
      reportProblem(io, `whether these are on '${network.name}' could not be read: ${shortList(unknown)}`);
    return failed.length + unknown.length === 0;
  }),
});
