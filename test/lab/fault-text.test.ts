import { describe, expect, it } from 'vitest';
import { disturb } from '../../source/lab/disturbance.js';
import { parseFault } from '../../source/lab/fault-text.js';
import { openLab } from '../../source/lab/open.js';
import { stillLab } from './bed.js';

describe('a fault on the command line', () => {
  it.each([
    ['silent', { fault: 'silent' }],
    [
      'drop:procedure=CONNECT_GET_ALL_DOMAIN_STATS,every=5',
      { fault: 'drop', procedure: 'CONNECT_GET_ALL_DOMAIN_STATS', every: 5 },
    ],
    ['slow:milliseconds=300,domain=web=1', { fault: 'slow', milliseconds: 300, domain: 'web=1' }],
    ['error:code=38,message=no space', { fault: 'error', code: 38, message: 'no space' }],
    ['restart:after=2,repeat=30,down=1', { fault: 'restart', after: 2, repeat: 30, down: 1 }],
  ])('%s', (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each([
    ['explode', 'there is no fault "explode": drop, truncate'],
    ['slow', 'the fault "slow" needs milliseconds=…'],
    ['drop:code=3', 'the fault "drop" takes no "code"'],
    ['drop:every=often', 'every must be a number, not "often"'],
    ['drop:procedure=LIST', 'there is no procedure "LIST"'],
    ['toString', 'there is no fault "toString"'],
  ])('%s is refused', (text, message) => {
    expect(parseFault(text)).toContain(message);
  });
});

describe('disturbances of a host', () => {
  it('come when they are due, again and again if asked', async () => {
    const { lab, clock } = stillLab();
    const stop = disturb(lab, [{ fault: 'restart', after: 10, repeat: 5, down: 2 }], clock);
    const seen = Array.from({ length: 20 }, () => {
      clock.advance(1000);
      return lab.refusing ? 'x' : '.';
    });
    expect(seen.join('')).toBe('.........xx...xx...x');
    stop();
    clock.advance(60_000);
    expect(lab.refusing).toBe(false);
  });

  it('are faults of calls as well', async () => {
    const { lab, clock } = stillLab();
    disturb(lab, [{ fault: 'error', code: 1, procedure: 'CONNECT_GET_HOSTNAME' }], clock);
    const hypervisor = await openLab(lab);
    await expect(hypervisor.hostInfo()).rejects.toMatchObject({ code: 1 });
  });
});
