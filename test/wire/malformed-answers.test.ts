import { expect, it } from 'vitest';
import { Channel } from '../../source/wire/channel.js';
import { WireError } from '../../source/wire/errors.js';
import type { Procedure } from '../../source/wire/procedure.js';
import { procedures } from '../../source/wire/procedures.js';
import { encode } from '../../source/wire/xdr.js';
import { ScriptedPeer } from './peer.js';
import { Random } from './random.js';
import { randomValue } from './random-values.js';

const table = Object.entries(procedures as unknown as Record<string, Procedure<unknown, unknown>>);
const peer = 'qemu+ssh://far/system';

it('an answer cut anywhere is refused by the name of its host and its call, and the next one is understood', async () => {
  const random = new Random(11);
  const script = new ScriptedPeer();
  const channel = new Channel(script.client, { peer });
  const answerTo = async (procedure: Procedure<unknown, unknown>, args: unknown, payload: Buffer) => {
    const answer = channel.call(procedure, args).then(
      () => undefined,
      (error: unknown) => error,
    );
    script.payload(await script.next(), payload);
    return answer;
  };
  let cuts = 0;
  for (const [name, procedure] of table) {
    const args = randomValue(procedure.args, random);
    const whole = Buffer.from(encode(procedure.ret, randomValue(procedure.ret, random)));
    // Long answers are cut at random: each place costs a call.
    const places = [...whole.keys()].filter((at) => at < 48 || random.fraction() < 24 / whole.length);
    for (const at of places) {
      const error = (await answerTo(procedure, args, whole.subarray(0, at))) as WireError;
      expect(error).toBeInstanceOf(WireError);
      expect(error.kind).toBe('decode');
      expect(error.message).toContain(`${peer} sent a malformed answer to ${name} (${procedure.number}): `);
      cuts += 1;
    }
    expect(await answerTo(procedure, args, whole), name).toBeUndefined();
    const long = (await answerTo(procedure, args, Buffer.concat([whole, Buffer.alloc(4)]))) as WireError;
    expect(long.message).toContain(`malformed answer to ${name} `);
  }
  expect(cuts).toBeGreaterThan(1000);
  await channel.close();
});

it('an error that is cut is malformed as well', async () => {
  const script = new ScriptedPeer();
  const channel = new Channel(script.client);
  const answer = channel.call(procedures.CONNECT_GET_URI, {}).catch((error: Error) => error.message);
  script.payload(await script.next(), Buffer.alloc(6), 1);
  expect(await answer).toContain('the host sent a malformed answer to CONNECT_GET_URI (');
  await channel.close();
});
