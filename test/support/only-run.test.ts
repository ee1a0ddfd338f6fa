import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { beOnlyRun } from './only-run.js';

const name = `\0virtdeck-only-run-${process.pid}`;

function holder(script: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['-e', script, name.replace('\0', '@')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('a run waits until another one has ended, however it ends', async () => {
  const script = `
    const server = require('node:net').createServer((other) => other.on('error', () => {}).write(process.pid + '\\n'));
    server.listen(process.argv[1].replace('@', '\\0'), () => console.log('listens'));`;
  const other = holder(script);
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

test('a run that is killed before it has said a word lets the next one in', async () => {
  // Never gets to accepting whoever waits: its end resets their connections.
  const other = holder(`
    require('node:net').createServer().listen(process.argv[1].replace('@', '\\0'), () => {
      require('node:fs').writeSync(1, 'listens');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      process.kill(process.pid, 'SIGKILL');
    });`);
  await once(other.stdout, 'data');
  await (await beOnlyRun(() => {}, name))();
});
