import type { DomainRef } from '../../libvirt/hypervisor.js';
import { guestLogin, type NoLogin, readGuest, simulated, sshLineOf } from '../../provision/guest-login.js';
import { safe } from '../../text/safe.js';
import { sharedLogin } from '../../transport/ssh/control.js';
import { forgetLine, tellingLine } from '../../transport/ssh/failures.js';
import { sshOnTerminal } from '../../transport/ssh/ssh-on-terminal.js';
import { connectionOf } from './live-connection.js';
import { hush, say } from './messages.js';
import type { ScreenHost } from './screen-host.js';
import { staying } from './whereabouts.js';

/** Characters of what ssh says that are kept, for the reason of its end. */
const saidKept = 8192;

/** ssh's own failure, as against the exit code of the guest's shell. */
const sshFailed = 255;

/**
 * Lends the terminal to ssh, which logs in to the guest of a running domain, until it ends; a failure of its own is
 * told on the screen. Resolves when the screens are back; never rejects.
 */
export async function openGuestLogin(
  host: ScreenHost,
  connectionId: string,
  { name, uuid, id }: DomainRef,
  output: { write(data: string | Buffer): unknown } = process.stdout,
): Promise<void> {
  // A second press of the key waits for nothing of its own.
  const release = host.terminal.claim();
  if (release === undefined) return;
  // A menu that this was chosen from closes after the choice.
  await Promise.resolve();
  const stays = staying(host);
  say(host, { level: 'info', text: `${name}: looking for the way to it${host.look.glyphs.pending}` });
  try {
    const way = await wayTo(host, connectionId, { name, uuid, id });
    if (!stays()) {
      const text = `${name}: ssh was not started, you had gone on to something else.`;
      return say(host, { level: 'warning', text });
    }
    if ('missing' in way) return say(host, { level: 'warning', text: way.missing, hint: way.hint });
    let said = '';
    const end = await host.terminal.lendTo(() => {
      output.write(`${safe(way.line)}\r\n`);
      return sshOnTerminal(way.args, {
        env: host.environment,
        onSaid: (chunk) => {
          said = (said + chunk.toString()).slice(-saidKept);
          output.write(chunk);
        },
      });
    });
    hush(host);
    if (end.code !== sshFailed) return;
    const hint = forgetLine(said) ?? `By hand: ${way.line}`;
    say(host, { level: 'error', text: `${name}: ${reason(said) ?? 'ssh failed'}`, hint });
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    say(host, { level: 'error', text: `${name}: ${message}`, hint });
  } finally {
    release();
  }
}

type Way = { readonly args: readonly string[]; readonly line: string } | NoLogin;

async function wayTo(host: ScreenHost, connectionId: string, domain: DomainRef): Promise<Way> {
  const connection = connectionOf({ host, connectionId })?.uri;
  const guest = await host.inventory.ask(connectionId, (hypervisor) => readGuest(hypervisor, domain));
  const unreal = simulated(guest, connection);
  if (unreal !== undefined) return unreal;
  const control = await sharedLogin(guest.endpoint, host.environment);
  const [login, typed] = [guestLogin(guest, { control, connection }), guestLogin(guest, { connection })];
  if ('missing' in login) return login;
  return { args: login.args, line: sshLineOf('args' in typed ? typed.args : login.args) };
}

/** Why ssh failed, the more telling words first; "$1" is what it says of it. */
const reasons: readonly (readonly [told: RegExp, reason: string])[] = [
  [/HOST IDENTIFICATION HAS CHANGED/, 'its host key has changed: it was made anew, or is another machine'],
  [
    /open failed: administratively prohibited/,
    'its host passes no connection on (AllowTcpForwarding of its sshd)',
  ],
  [/open failed: connect failed: (.*)/, 'its host does not reach it: $1'],
  [
    /Stdio forwarding request failed/,
    'its host does not reach it: nothing answers there, or its sshd passes no connection on (AllowTcpForwarding)',
  ],
];

function reason(said: string): string | undefined {
  for (const [told, text] of reasons) {
    const match = told.exec(said);
    if (match !== null) return text.replace('$1', (match[1] ?? '').trim());
  }
  return tellingLine(said);
}
