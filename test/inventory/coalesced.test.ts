import { expect, test } from 'vitest';
import { coalesced } from '../../source/inventory/coalesced.js';

/** Work whose rounds end when the test says so. */
function bed() {
  const rounds: { end(): void; fail(reason: Error): void }[] = [];
  const run = coalesced(() => new Promise((end, fail) => rounds.push({ end, fail })));
  return { rounds, run };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what is asked for while it is under way is done once more, for all who asked, and never twice at once', async () => {
  const { rounds, run } = bed();
  let done = 0;
  for (let i = 0; i < 3; i += 1) void run().then(() => (done += 1));
  expect(rounds).toHaveLength(1);
  rounds[0]?.end();
  await settled();
  expect([rounds.length, done]).toEqual([2, 0]);
  rounds[1]?.end();
  await settled();
  expect([rounds.length, done]).toEqual([2, 3]);
});

test('asked for once it is done once, and after a failure it is done again', async () => {
  const { rounds, run } = bed();
  const failing = run();
  rounds[0]?.fail(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  const again = run();
  rounds[1]?.end();
  await again;
  expect(rounds).toHaveLength(2);
});
