import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startTime } from './start-time.mjs';

test('ends what a killed process has left behind', async () => {
  const sleeper = spawn('sleep', ['60']);
  const spared = spawn('sleep', ['60']);
  const script = `
    const { guard } = await import(${JSON.stringify(join(import.meta.dirname, 'guardian.ts'))});
    guard({ pid: ${sleeper.pid} });
    guard({ pid: ${spared.pid} })();
    console.log('guarding');
    setInterval(() => {}, 1000);
  `;
  const worker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script]);
  await once(worker.stdout, 'data');
  worker.kill('SIGKILL');
  const [, signal] = await once(sleeper, 'exit');
  expect(signal).toBe('SIGKILL');
  expect(spared.signalCode).toBeNull();
  spared.kill();
});

test('a process is known by its number and its start', () => {
  expect(startTime(process.pid)).toMatch(/^\d+$/);
  expect(startTime(process.pid)).not.toBe(startTime(1));
  expect(startTime(999_999_999)).toBeUndefined();
});
