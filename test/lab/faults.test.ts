import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../source/lab/lab.js';
import { openLab } from '../../source/lab/open.js';
import { DomainState } from '../../source/libvirt/domain-state.js';
import type { RemoteHypervisor } from '../../source/libvirt/remote/remote-hypervisor.js';
import { encodeFrame, FrameReader, MessageStatus, MessageType, Program } from '../../source/wire/framing.js';
import { procedures } from '../../source/wire/procedures.js';
import { domainWhere, openChannel, stillLab } from './bed.js';

const stats = 'CONNECT_GET_ALL_DOMAIN_STATS';

/** Resolves to what a call failed with; throws when it did not. */
async function failureOf(call: Promise<unknown>): Promise<{ kind: string; message: string }> {
  return call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (error) => error,
  );
}

/** Lets everything that is under way arrive; no time passes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function isAnswered(call: Promise<unknown>): () => boolean {
  let answered = false;
  call.then(
    () => {
      answered = true;
    },
    () => {
      answered = true;
    },
  );
  return () => answered;
}

async function worksAgain(lab: Lab): Promise<boolean> {
  const hypervisor = await openLab(lab);
  const domains = await hypervisor.listDomains();
  await hypervisor.close();
  return domains.length === lab.world.domains.size;
}

describe('damaged replies', () => {
  it.each([
    ['drop', 'closed', 'the connection ended in the middle of a message'],
    ['oversize', 'protocol', 'a message cannot have the length 33554440'],
    ['garbage', 'protocol', 'a message cannot have the length 3'],
  ] as const)('%s: the connection is over, the next one works', async (fault, kind, message) => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    lab.faults.add({ fault, procedure: stats, times: 1 });
    expect(await failureOf(hypervisor.domainStats(['state']))).toMatchObject({
      kind,
      message: `${message} (it was asked for CONNECT_GET_ALL_DOMAIN_STATS (344))`,
    });
    expect(await hypervisor.closed).toMatchObject({ kind });
    expect(await worksAgain(lab)).toBe(true);
  });

  it('truncate: only that reply is bad', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    lab.faults.add({ fault: 'truncate', procedure: stats, times: 1 });
    expect(await failureOf(hypervisor.domainStats(['state']))).toMatchObject({ kind: 'protocol' });
    expect(await hypervisor.domainStats(['state'])).toHaveLength(24);
  });

  it('strike every Nth of the calls they are for', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    lab.faults.set([{ fault: 'truncate', procedure: stats, every: 3 }]);
    const results: string[] = [];
    for (let call = 0; call < 6; call += 1) {
      await hypervisor.listDomains();
      results.push(
        await hypervisor.domainStats(['state']).then(
          () => 'good',
          () => 'bad',
        ),
      );
    }
    expect(results).toEqual(['good', 'good', 'bad', 'good', 'good', 'bad']);
    expect(lab.faults.struck('truncate')).toBe(2);
  });
});

describe('a silent host', () => {
  it('answers nothing while it lasts, not even pings, and nothing of it later', async () => {
    const { lab, clock } = stillLab();
    const channel = await openChannel(lab.connect());
    lab.faults.add({ fault: 'silent', after: 10, lasting: 20 });
    await channel.call(procedures.CONNECT_GET_HOSTNAME, {});
    clock.advance(10_000);
    const unanswered = isAnswered(channel.call(procedures.CONNECT_GET_HOSTNAME, {}, { timeout: 0 }));
    await settle();
    expect(unanswered()).toBe(false);
    clock.advance(20_000);
    expect(await channel.call(procedures.CONNECT_GET_HOSTNAME, {})).toEqual({ hostname: 'lab' });
    expect(unanswered()).toBe(false);
    await channel.close();
  });

  it('does not pong', async () => {
    const { lab } = stillLab();
    const duplex = lab.connect();
    const ping = encodeFrame({
      program: Program.keepalive,
      procedure: 1,
      type: MessageType.message,
      serial: 0,
      status: MessageStatus.ok,
    });
    duplex.write(ping);
    const [chunk] = (await once(duplex, 'data')) as [Buffer];
    const [pong] = [...new FrameReader().push(chunk)];
    expect(pong).toMatchObject({ program: Program.keepalive, procedure: 2 });
    lab.faults.add({ fault: 'silent' });
    const chunks: Buffer[] = [];
    duplex.on('data', (more: Buffer) => chunks.push(more));
    duplex.write(ping);
    await settle();
    expect(chunks).toEqual([]);
    duplex.destroy();
  });
});

describe('a slow host', () => {
  it('works on a call for as long as it was told, others overtake it', async () => {
    const { lab, clock } = stillLab();
    const channel = await openChannel(lab.connect());
    lab.faults.add({ fault: 'slow', milliseconds: 800, procedure: 'CONNECT_GET_HOSTNAME' });
    const slow = channel.call(procedures.CONNECT_GET_HOSTNAME, {});
    const answered = isAnswered(slow);
    await channel.call(procedures.CONNECT_GET_TYPE, {});
    clock.advance(799);
    await settle();
    expect(answered()).toBe(false);
    clock.advance(1);
    expect(await slow).toEqual({ hostname: 'lab' });
    await channel.close();
  });

  it('may be slow for one domain only', async () => {
    const { lab, clock } = stillLab();
    const hypervisor = await openLab(lab);
    const [slow, quick] = [...lab.world.domains.values()];
    lab.faults.add({ fault: 'slow', milliseconds: 5000, domain: slow!.name });
    const xml = hypervisor.domainXml(slow!.wire);
    const answered = isAnswered(xml);
    await hypervisor.domainXml(quick!.wire);
    expect(answered()).toBe(false);
    clock.advance(5000);
    expect(await xml).toContain(`<name>${slow!.name}</name>`);
  });

  it('reads no more than five calls of a client at once, pings included', async () => {
    const { lab, clock } = stillLab();
    lab.faults.add({ fault: 'slow', milliseconds: 1000, procedure: 'AUTH_LIST' });
    const duplex = lab.connect();
    const frames = new FrameReader();
    const serials: number[] = [];
    duplex.on('data', (chunk: Buffer) => {
      for (const { serial } of frames.push(chunk)) serials.push(serial);
    });
    const call = (serial: number) =>
      encodeFrame({
        program: Program.remote,
        procedure: procedures.AUTH_LIST.number,
        type: MessageType.call,
        serial,
        status: MessageStatus.ok,
      });
    for (let serial = 1; serial <= 7; serial += 1) duplex.write(call(serial));
    await settle();
    clock.advance(1000);
    await settle();
    expect(serials).toEqual([1, 2, 3, 4, 5]);
    clock.advance(1000);
    await settle();
    expect(serials).toEqual([1, 2, 3, 4, 5, 6, 7]);
    duplex.destroy();
  });
});

describe('a host far away', () => {
  it('adds its latency to each answer once, however many are under way', async () => {
    const { lab, clock } = stillLab();
    const channel = await openChannel(lab.connect());
    lab.faults.link = { latency: 50, jitter: 0 };
    const calls = [1, 2, 3].map(() => channel.call(procedures.CONNECT_GET_HOSTNAME, {}));
    const answered = calls.map(isAnswered);
    await settle();
    clock.advance(48);
    await settle();
    expect(answered.map((is) => is())).toEqual([false, false, false]);
    clock.advance(2);
    await Promise.all(calls);
    await channel.close();
  });

  it('keeps the order in spite of its jitter', async () => {
    const { lab, clock } = stillLab();
    const channel = await openChannel(lab.connect());
    lab.faults.link = { latency: 5, jitter: 100 };
    const order: number[] = [];
    const calls = [1, 2, 3, 4].map((number) =>
      channel.call(procedures.CONNECT_GET_HOSTNAME, {}).then(() => order.push(number)),
    );
    await settle();
    clock.advance(200);
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3, 4]);
    await channel.close();
  });
});

describe('refusals', () => {
  it('come with the code that was asked for', async () => {
    const { lab } = stillLab();
    const hypervisor = await openLab(lab);
    const domain = domainWhere(lab, (d) => !d.active).wire;
    lab.faults.add({
      fault: 'error',
      procedure: 'DOMAIN_CREATE_WITH_FLAGS',
      code: 38,
      message: 'Cannot access storage file',
      times: 1,
    });
    expect(await failureOf(hypervisor.start(domain))).toMatchObject({
      kind: 'libvirt',
      code: 38,
      domain: 10,
      message: 'Cannot access storage file',
    });
    await hypervisor.start(domain);
    expect(lab.world.domain(domain).state).toBe(DomainState.running);
  });
});

describe('a restart', () => {
  const reasonOf = async (hypervisor: RemoteHypervisor) => (await hypervisor.closed)?.message;

  it('drops every client, keeps the world, and changes some of it', async () => {
    const { lab } = stillLab({ domains: 50 });
    const clients = [await openLab(lab), await openLab(lab)];
    const before = await clients[0]!.domainStats(['state']);
    lab.restart({ changes: 20 });
    expect(await Promise.all(clients.map(reasonOf))).toEqual([
      'the daemon closed the connection',
      'the daemon closed the connection',
    ]);
    expect(lab.clients).toBe(0);
    const again = await openLab(lab);
    expect((await again.domainStats(['state'])).map(({ uuid }) => uuid)).toEqual(
      before.map(({ uuid }) => uuid),
    );
    await again.close();
  });

  it('lets nobody in while it is down', async () => {
    const { lab, clock } = stillLab();
    lab.restart({ down: 3 });
    expect(lab.refusing).toBe(true);
    expect(await failureOf(openLab(lab))).toMatchObject({ kind: 'closed' });
    clock.advance(3000);
    expect(await worksAgain(lab)).toBe(true);
  });
});
