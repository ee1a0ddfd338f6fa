import { afterEach, describe, expect, it } from 'vitest';
import { openLab } from '../../source/lab/open.js';
import type { LabDomain } from '../../source/lab/world/domain.js';
import { reboot } from '../../source/lab/world/power.js';
import type { ByteStream } from '../../source/libvirt/byte-stream.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { domainWhere, stillLab } from './bed.js';

const clients: RemoteHypervisor[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

/** A console with all that it has said, and how it ended. */
class Heard {
  readonly stream: ByteStream;
  text = '';
  end: 'by the host' | Error | undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
    void this.#listen();
  }

  async #listen(): Promise<void> {
    try {
      for await (const item of this.stream)
        if ('data' in item) this.text += Buffer.from(item.data).toString();
      this.end = 'by the host';
    } catch (error) {
      this.end = error as Error;
    }
  }

  /** Lets everything that is under way arrive; no time passes. */
  async now(): Promise<string> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return this.text;
  }
}

async function bed(fits: (domain: LabDomain) => boolean = isDebian) {
  const { lab, clock } = stillLab({ domains: 400 });
  const domain = domainWhere(lab, (d) => !d.active && !d.managedSave && fits(d));
  const hypervisor = await openLab(lab);
  clients.push(hypervisor);
  await hypervisor.start(domain.wire);
  const open = async (options = {}) => new Heard(await hypervisor.openConsole(domain.wire, options));
  const { leaseAfter, agentAfter } = domain.definition.os;
  return { lab, clock, domain, hypervisor, open, boots: (leaseAfter + agentAfter) * 1000 };
}

const isDebian = ({ definition }: LabDomain): boolean => definition.os.agentId === 'debian';

describe('a lab’s console', () => {
  it('tells a boot as it goes on, up to the login', async () => {
    const { clock, domain, open, boots } = await bed();
    const console = await open();
    expect(await console.now()).toBe('');
    clock.advance(boots / 4);
    expect(await console.now()).toContain('SeaBIOS');
    expect(console.text).not.toContain('Welcome to Debian');
    clock.advance(boots);
    expect(await console.now()).toMatch(/Linux version 6\.1.*Welcome to Debian GNU\/Linux 12/s);
    expect(console.text.endsWith(`${domain.name} login: `)).toBe(true);
    const told = console.text;
    clock.advance(boots);
    expect(await console.now()).toBe(told);
  });

  it('is the same in the same world, and begins with what was said before', async () => {
    const [one, other] = [await bed(), await bed()];
    const early = await one.open();
    one.clock.advance(one.boots);
    other.clock.advance(other.boots);
    const late = await other.open();
    expect(await late.now()).toBe(await early.now());
    expect(late.text).toContain('login: ');
  });

  it('echoes what is typed, and asks again after Enter', async () => {
    const { clock, domain, open, boots } = await bed();
    const console = await open();
    clock.advance(boots);
    const before = (await console.now()).length;
    await console.stream.write(Buffer.from('röt\u007f\u001b[A\u0003\r'));
    expect((await console.now()).slice(before)).toBe(`röt\b \b^[[A^C\r\n${domain.name} login: `);
  });

  it('stands still while the guest does, and hears then what was typed', async () => {
    const { clock, domain, hypervisor, open, boots } = await bed();
    const console = await open();
    clock.advance(boots / 2);
    await hypervisor.suspend(domain.wire);
    const half = await console.now();
    await console.stream.write(Buffer.from('x'));
    clock.advance(10 * boots);
    expect(await console.now()).toBe(half);
    await hypervisor.resume(domain.wire);
    expect(await console.now()).toBe(`${half}x`);
    clock.advance(boots / 2);
    expect(await console.now()).toContain('login: ');
  });

  it('boots again on a reboot, and says farewell at a shutdown, with which it ends', async () => {
    const { lab, clock, domain, hypervisor, open, boots } = await bed();
    const console = await open();
    clock.advance(boots);
    reboot(lab.world, domain);
    clock.advance(2 * boots);
    expect((await console.now()).split('login: ')).toHaveLength(3);
    await hypervisor.shutdown(domain.wire);
    clock.advance(2 * boots);
    expect(await console.now()).toMatch(/reboot: Power down\r\n$/);
    expect(domain.state).toBe(DomainState.shutOff);
    expect(console.end).toBe('by the host');
  });

  it('is one client’s until another forces it, or it is given back', async () => {
    const { domain, open } = await bed();
    const first = await open();
    await expect(open()).rejects.toMatchObject({
      code: 9,
      message: 'operation failed: Active console session exists for this domain',
    });
    const second = await open({ force: true });
    await first.now();
    expect([first.end, second.end]).toEqual(['by the host', undefined]);
    // The first one's goodbye does not take it from the second.
    await first.stream.abort();
    await second.now();
    await expect(open()).rejects.toMatchObject({ code: 9 });
    await second.stream.abort();
    await second.now();
    expect(domain.console).toBeUndefined();
    await open({ safe: true });
  });

  it('is free again when its client is lost', async () => {
    const { lab, domain, open } = await bed();
    const console = await open();
    lab.restart();
    await console.now();
    expect(console.end).toMatchObject({ kind: 'closed' });
    expect(domain.console).toBeUndefined();
  });

  it.each(['alpine', 'freebsd', 'mswindows', 'ubuntu'])('of %s has a system’s own words', async (system) => {
    const { clock, open, boots } = await bed(({ definition }) => definition.os.agentId === system);
    const console = await open();
    clock.advance(boots);
    const words: Readonly<Record<string, RegExp>> = {
      alpine: /OpenRC.*login: $/s,
      freebsd: /FreeBSD\/amd64.*login: $/s,
      mswindows: /SAC>$/,
      ubuntu: /Welcome to Ubuntu.*login: $/s,
    };
    expect(await console.now()).toMatch(words[system] ?? /never/);
  });

  it('cannot be had on a read-only connection', async () => {
    const { lab, domain } = await bed();
    const reader = await openLab(lab, { readOnly: true });
    clients.push(reader);
    await expect(reader.openConsole(domain.wire)).rejects.toMatchObject({
      message: 'operation forbidden: read only access prevents virDomainOpenConsole',
    });
  });
});
