import { describe, expect, it } from 'vitest';
import { domainEvents } from '../../source/wire/events.js';
import { encodeFrame, FrameReader, MessageType, Program } from '../../source/wire/framing.js';
import { ERROR } from '../../source/wire/objects.js';
import { procedures } from '../../source/wire/procedures.js';
import { decode, encode } from '../../source/wire/xdr.js';
import { keepaliveFrame } from './peer.js';

/** Bytes that virsh 9.0.0 sent, spaces for reading. */
const bytes = (text: string) => Buffer.from(text.replaceAll(/[^0-9a-f]/g, ''), 'hex');
const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const uuidHex = uuid.replaceAll('-', '');

describe('the bytes that virsh sends', () => {
  it('CONNECT_OPEN of qemu:///system', () => {
    const { program, number, args } = procedures.CONNECT_OPEN;
    const frame = encodeFrame(
      { program, procedure: number, type: MessageType.call, serial: 2, status: 0 },
      encode(args, { name: 'qemu:///system', flags: 0 }),
    );
    expect(frame.toString('hex')).toBe(
      bytes(
        '00000038 20008086 00000001 00000001 00000000 00000002 00000000' +
          '00000001 0000000e 71656d753a2f2f2f73797374656d 0000 00000000',
      ).toString('hex'),
    );
  });

  it('CONNECT_LIST_ALL_DOMAINS', () => {
    const { program, number, args } = procedures.CONNECT_LIST_ALL_DOMAINS;
    const frame = encodeFrame(
      { program, procedure: number, type: MessageType.call, serial: 5, status: 0 },
      encode(args, { need_results: 1, flags: 3 }),
    );
    expect(frame.readUInt32BE(0)).toBe(0x24);
    expect(frame.readUInt32BE(12)).toBe(0x111);
    expect(frame.subarray(28).toString('hex')).toBe('0000000100000003');
  });

  it('DOMAIN_GET_STATE', () => {
    const args = { dom: { name: 'vm1', uuid, id: 1 }, flags: 0 };
    expect(encode(procedures.DOMAIN_GET_STATE.args, args).toString('hex')).toBe(
      bytes(`00000003 766d3100 ${uuidHex} 00000001 00000000`).toString('hex'),
    );
  });

  it('a keepalive ping', () => {
    const ping = '0000001c 6b656570 00000001 00000001 00000002 00000000 00000000';
    expect(keepaliveFrame(1).toString('hex')).toBe(bytes(ping).toString('hex'));
  });
});

describe('the bytes that a daemon sends', () => {
  it('a list of two domains', () => {
    const payload = bytes(
      `00000002 00000004 74657374 ${uuidHex} 00000001 00000003 766d3100 ${uuidHex} ffffffff 00000002`,
    );
    expect(decode(procedures.CONNECT_LIST_ALL_DOMAINS.ret, payload)).toEqual({
      domains: [
        { name: 'test', uuid, id: 1 },
        { name: 'vm1', uuid, id: -1 },
      ],
      ret: 2,
    });
  });

  it('an error', () => {
    // 42 no domain, 12 test driver; level 2; a domain and a network that nobody uses.
    const payload = bytes(
      `0000002a 0000000c 00000001 00000010 446f6d61696e206e6f7420666f756e64 00000002` +
        `00000001 00000004 74657374 ${uuidHex} ffffffff 00000001 00000001 78000000 00000000 00000000` +
        `ffffffff ffffffff 00000000`,
    );
    expect(decode(ERROR, payload)).toMatchObject({
      code: 42,
      domain: 12,
      message: 'Domain not found',
      level: 2,
      str1: 'x',
      str2: undefined,
      int1: -1,
    });
  });

  it('a lifecycle event, in a frame of its own', () => {
    const frame = bytes(
      `00000044 20008086 00000001 0000013e 00000002 00000000 00000000` +
        `00000000 00000004 74657374 ${uuidHex} 00000001 00000003 00000000`,
    );
    const [message] = [...new FrameReader().push(frame)];
    expect(message).toMatchObject({ program: Program.remote, procedure: 318, type: 2, serial: 0 });
    expect(decode(domainEvents.LIFECYCLE.body, message?.payload as Buffer)).toEqual({
      callbackID: 0,
      dom: { name: 'test', uuid, id: 1 },
      event: 3,
      detail: 0,
    });
  });

  it('host information, whose model takes 128 bytes', () => {
    const model = Buffer.alloc(128);
    [...'i686'].forEach((char, index) => {
      model.writeInt32BE(char.charCodeAt(0), index * 4);
    });
    const rest = bytes('0000000000300000 00000010 00000578 00000002 00000002 00000002 00000002');
    expect(decode(procedures.NODE_GET_INFO.ret, Buffer.concat([model, rest]))).toEqual({
      model: 'i686',
      memory: 3_145_728,
      cpus: 16,
      mhz: 1400,
      nodes: 2,
      sockets: 2,
      cores: 2,
      threads: 2,
    });
  });
});
