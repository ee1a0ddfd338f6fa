import {
  type ConsoleTerminal,
  consoleGreeting,
  isConsoleTaken,
  runConsole,
  whyConsoleEnded,
} from '../../libvirt/console-session.js';
import type { LibvirtError } from '../../libvirt/errors.js';
import type { DomainRef, Hypervisor } from '../../libvirt/hypervisor.js';
import { borrowConsole } from '../../provision/console-tail.js';
import { askFirst } from '../kit/ask.js';
import { hush, say } from './messages.js';
import type { ScreenHost } from './screen-host.js';
import { staying } from './whereabouts.js';

/**
 * Lends the terminal to the console of a domain until the person leaves it by Ctrl-], or the guest or the
 * connection ends it: then a line says why. Where another client has the console, asks whether to take it.
 * Resolves when the screens are back; never rejects.
 */
export async function openSerialConsole(
  host: ScreenHost,
  connectionId: string,
  { name, uuid, id }: DomainRef,
  terminal: ConsoleTerminal = { input: process.stdin, output: process.stdout },
): Promise<void> {
  // A second press of the key waits for nothing of its own.
  const release = host.terminal.claim();
  if (release === undefined) return;
  // As it is now: records of the inventory change.
  const domain: DomainRef = { name, uuid, id };
  // A menu that this was chosen from closes after the choice.
  await Promise.resolve();
  const stays = staying(host);
  say(host, { level: 'info', text: `${domain.name}: opening the console${host.look.glyphs.pending}` });
  let hypervisor: Hypervisor | undefined;
  // A creation of this program may watch it while it waits for the guest's address.
  const giveBack = await borrowConsole(domain.uuid);
  try {
    // There is no flow control for streams: a guest that writes a lot would hold up the screens' own connection.
    hypervisor = await host.inventory.openAnother(connectionId, new AbortController().signal);
    const stream = await openOrTake(host, hypervisor, domain);
    if (stream === undefined) return;
    if (!stays()) {
      await stream.abort();
      const text = `${domain.name}: the console was not opened, you had gone on to something else.`;
      say(host, { level: 'warning', text });
      return;
    }
    const end = await host.terminal.lend(async () => {
      terminal.output.write(`${consoleGreeting(domain)}\r\n`);
      const ended = await runConsole(stream, terminal);
      // The guest's last line may have no end, and the shell goes on below it.
      terminal.output.write('\r\n');
      return ended;
    });
    const why = await whyConsoleEnded(hypervisor, domain, end);
    hush(host);
    if (why !== undefined) say(host, { level: 'warning', text: `${domain.name}: console closed: ${why}` });
  } catch (error) {
    const { message, hint } = error as LibvirtError;
    say(host, { level: 'error', text: `${domain.name}: the console could not be opened: ${message}`, hint });
  } finally {
    release();
    void Promise.resolve(hypervisor?.close()).finally(giveBack);
  }
}

/** The stream; undefined where another client has it and keeps it. */
async function openOrTake(host: ScreenHost, hypervisor: Hypervisor, domain: DomainRef) {
  try {
    return await hypervisor.openConsole(domain);
  } catch (error) {
    if (!isConsoleTaken(error as LibvirtError)) throw error;
  }
  const take = await askFirst(host, {
    title: `Take over the console of ${domain.name}?`,
    lines: [
      'Another client has it open: libvirt gives a console to one at a time.',
      'Yes ends it there, perhaps in the middle of what somebody is doing.',
    ],
    yes: 'Yes',
    no: 'No',
  });
  hush(host);
  return take ? hypervisor.openConsole(domain, { force: true }) : undefined;
}
