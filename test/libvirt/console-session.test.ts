import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import {
  consoleGreeting,
  isConsoleTaken,
  runConsole,
  whyConsoleEnded,
} from '../../source/libvirt/console-session.js';
import { LibvirtError } from '../../source/libvirt/errors.js';
import type { HypervisorEvent } from '../../source/libvirt/events.js';
import type { DomainRef, Hypervisor } from '../../source/libvirt/hypervisor.js';
import { terminalReset } from '../../source/text/terminal-reset.js';
import { FakeStream } from './fake-stream.js';
import { fakeTerminal } from './fake-terminal.js';

const ctrlBracket = '\u001d';
const domain: DomainRef = { name: 'web-1', uuid: '0d1f', id: 3 };

function open(signal?: AbortSignal) {
  const stream = new FakeStream();
  const { terminal, input, state } = fakeTerminal();
  const ended = runConsole(stream, terminal, signal);
  return { stream, input, state, ended };
}

describe('a console', () => {
  it('gives the guest every key, Ctrl-C and Esc among them, and shows what it writes as it is', async () => {
    const { stream, input, state, ended } = open();
    expect(state.raw).toBe(true);
    input.write('ls\r\u0003\u001b');
    stream.say('\u001b[31mred\u0007\r\n');
    await vi.waitFor(() => expect(state.shown).toBe('\u001b[31mred\u0007\r\n'));
    expect(stream.written).toBe('ls\r\u0003\u001b');
    input.write(ctrlBracket);
    expect(await ended).toEqual({ how: 'left' });
  });

  it('leaves by Ctrl-], passes on what came before it in the same piece, and nothing behind', async () => {
    const { stream, input, ended } = open();
    input.write(`exit\r${ctrlBracket}rm -rf`);
    expect(await ended).toEqual({ how: 'left' });
    expect(stream.written).toBe('exit\r');
    expect(stream.aborted).toBe(true);
  });

  it.each([
    ['as kitty writes it', '\u001b[93;5u'],
    ['as kitty writes it, with caps lock on and alternatives', '\u001b[93::93;69:1u'],
    ['as modifyOtherKeys has it', '\u001b[27;5;93~'],
  ])('leaves by Ctrl-] %s', async (_, keys) => {
    const { stream, input, ended } = open();
    input.write(`a${keys}`);
    expect(await ended).toEqual({ how: 'left' });
    expect(stream.written).toBe('a');
  });

  it('gives the guest keys that only look like it', async () => {
    const { stream, input, ended } = open();
    input.write('\u001b[93;2u]\u001b[27;2;93~');
    await setImmediate();
    expect(stream.written).toBe('\u001b[93;2u]\u001b[27;2;93~');
    input.write(ctrlBracket);
    await ended;
  });

  it('ends with the stream, with its error, and with the terminal', async () => {
    const first = open();
    first.stream.say('bye');
    first.stream.end();
    expect(await first.ended).toEqual({ how: 'ended' });
    expect(first.state.shown).toBe(`bye${terminalReset}`);
    const error = new LibvirtError({ kind: 'closed', message: 'the connection was reset' });
    const second = open();
    second.stream.end(error);
    expect(await second.ended).toEqual({ how: 'failed', error });
    const third = open();
    third.input.end();
    expect(await third.ended).toEqual({ how: 'left' });
    const abort = new AbortController();
    const fourth = open(abort.signal);
    abort.abort();
    expect(await fourth.ended).toEqual({ how: 'left' });
  });

  it('brings the terminal back, whatever the guest has left on', async () => {
    const { stream, input, state, ended } = open();
    stream.say(
      '\u001b[?1049h\u001b[?1003h\u001b[?2004h\u001b[?25l\u001b[31m\u001b[5;10r\u001b]0;half a title',
    );
    await vi.waitFor(() => expect(state.shown).toContain('half a title'));
    input.write(ctrlBracket);
    await ended;
    expect(state.raw).toBe(false);
    expect(state.shown.endsWith(terminalReset)).toBe(true);
    expect(input.listenerCount('readable')).toBe(0);
    expect(process.listenerCount('SIGTERM')).toBe(0);
  });

  it('takes a line feed alone for one line down, although Node’s raw mode adds a return', async () => {
    const { stream, input, state, ended } = open();
    stream.say('a\r');
    stream.say('\nb\n\nc\r\n');
    await vi.waitFor(() => expect(state.shown).toBe('a\r\nb\u000b\u000bc\r\n'));
    input.write(ctrlBracket);
    await ended;
  });
});

describe('what is said of it', () => {
  const stopped = { type: 'lifecycle', event: 'stopped', detail: 'shutdown', domain } as const;
  /** @param event told a moment after the answer */
  const asked = (answer: () => Promise<DomainRef>, event?: HypervisorEvent): Hypervisor =>
    ({
      lookupDomain: answer,
      onEvent: (listener: (told: HypervisorEvent) => void) => {
        if (event !== undefined) setTimeout(() => listener(event), 5);
        return () => {};
      },
    }) as unknown as Hypervisor;
  const lost = new LibvirtError({ kind: 'closed', message: 'no more' });

  it('greets as virsh does, no control character of a name in it', () => {
    expect(consoleGreeting({ name: 'web-1' })).toBe(
      "Connected to domain 'web-1'. Escape character is ^] (Ctrl + ])",
    );
    expect(consoleGreeting({ name: 'a\u001b[31m' })).not.toContain('\u001b');
  });

  it('tells why it ended', async () => {
    const why = (end: Parameters<typeof whyConsoleEnded>[2], now: () => Promise<DomainRef>) =>
      whyConsoleEnded(asked(now), domain, end);
    const as = (id: number) => async (): Promise<DomainRef> => ({ ...domain, id });
    expect(await why({ how: 'left' }, as(3))).toBeUndefined();
    expect(await why({ how: 'ended' }, as(-1))).toBe('web-1 is shut off');
    expect(await why({ how: 'ended' }, as(4))).toBe('web-1 was started anew');
    expect(
      await why(
        { how: 'failed', error: new LibvirtError({ kind: 'libvirt', message: 'I/O failure' }) },
        as(3),
      ),
    ).toBe('another client has taken it over, or the host ended it: I/O failure');
    expect(await why({ how: 'failed', error: lost }, as(3))).toBe(
      'the connection to the host was lost (no more)',
    );
    expect(await whyConsoleEnded(asked(as(3), stopped), domain, { how: 'ended' })).toBe('web-1 is shut off');
    const gone = new LibvirtError({ kind: 'libvirt', code: 42, message: 'no domain' });
    expect(await why({ how: 'ended' }, () => Promise.reject(gone))).toBe('web-1 is gone');
  });

  it('knows libvirt’s refusal while another client has it', () => {
    const message = 'operation failed: Active console session exists for this domain';
    expect(isConsoleTaken(new LibvirtError({ kind: 'libvirt', code: 9, message }))).toBe(true);
    expect(isConsoleTaken(lost)).toBe(false);
  });
});
