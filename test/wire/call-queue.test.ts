import { describe, expect, it } from 'vitest';
import { CallQueue } from '../../source/wire/call-queue.js';

function queueOf(interactive: number, background: number): CallQueue<string> {
  const queue = new CallQueue<string>();
  for (let i = 0; i < background; i += 1) queue.add(`b${i}`, 'background');
  for (let i = 0; i < interactive; i += 1) queue.add(`i${i}`, 'interactive');
  return queue;
}

function takeAll(queue: CallQueue<string>): string[] {
  const taken: string[] = [];
  for (let call = queue.next(); call !== undefined; call = queue.next()) taken.push(call);
  return taken;
}

const priorityOf = (call: string) => (call.startsWith('b') ? 'background' : 'interactive');

describe('which call goes next', () => {
  it('four are in flight at most, in the order in which they were made', () => {
    const queue = queueOf(6, 0);
    expect(takeAll(queue)).toEqual(['i0', 'i1', 'i2', 'i3']);
    queue.release('interactive');
    expect(takeAll(queue)).toEqual(['i4']);
  });

  it('interactive ones overtake background ones', () => {
    const queue = queueOf(2, 5);
    expect(takeAll(queue)).toEqual(['i0', 'i1', 'b0', 'b1']);
  });

  it('background ones leave a place for a key press', () => {
    const queue = queueOf(0, 9);
    expect(takeAll(queue)).toEqual(['b0', 'b1', 'b2']);
    queue.add('key', 'interactive');
    expect(takeAll(queue)).toEqual(['key']);
    queue.release('background');
    expect(takeAll(queue)).toEqual(['b3']);
  });

  it('a background one gets its turn under a flood of interactive ones', () => {
    const queue = queueOf(100, 1);
    const order: string[] = [];
    while (!order.includes('b0')) {
      for (const call of takeAll(queue)) {
        order.push(call);
        queue.release(priorityOf(call));
      }
    }
    expect(order.indexOf('b0')).toBe(8);
  });

  it('one that was taken out is not sent', () => {
    const queue = queueOf(6, 0);
    takeAll(queue);
    expect(queue.remove('i4', 'interactive')).toBe(true);
    expect(queue.remove('i0', 'interactive')).toBe(false);
    queue.release('interactive');
    expect(takeAll(queue)).toEqual(['i5']);
  });

  it('everything that waits can be taken out at the end', () => {
    const queue = queueOf(5, 2);
    takeAll(queue);
    expect(queue.drain()).toEqual(['i4', 'b0', 'b1']);
    queue.release('interactive');
    expect(queue.next()).toBeUndefined();
  });
});
