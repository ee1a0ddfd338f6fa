import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { beOnlyRun } from './only-run.js';

const name = `\0virtdeck-only-run-${process.pid}`;

test('a run waits until another one has ended, however it ends', async () => {
  const script = `
    const server = require('node:net').createServer((other) => other.on('error', () => {}).write(process.pid + '\\n'));
    server.listen(process.argv[1].replace('@', '\\0'), () => console.log('listens'));`;
  const other = spawn(process.execPath, ['-e', script, name.replace('\0', '@')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(other.stdout, 'data');
  let told = 0;
  const leave = await beOnlyRun(() => {
    told += 1;
    other.kill('SIGKILL');
  }, name);
  expect(told).toBe(1);
  // The same process is in already; once it has left, it can come again.
  await (await beOnlyRun(expect.fail, name))();
  await leave();
  await (await beOnlyRun(expect.fail, name))();
});
