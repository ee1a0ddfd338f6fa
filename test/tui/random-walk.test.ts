import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Random } from '../../source/lab/world/random.js';
import { Program } from './program.js';

vi.setConfig({ testTimeout: 120_000 });

const steps = 1200;
const seeds = process.env.VIRTDECK_WALK_SEED?.split(',').map(Number) ?? [1, 2];

/** Keys that a person may hit. Not `t` and Ctrl-Z: they hand over the terminal that the tests themselves run in. */
const keys = [
  ...'abcdefghijklmnopqrsuvwxyzABCDFGHIJKLMNOPRSVWXYZ0123456789 :/?*+-!',
  ...['\r', '\r', '\r', '\t', '\t', '\u001B', '\u001B', '\u001B[Z', '\u0015', '\u0003', '\u007F'],
  ...['A', 'B', 'B', 'C', 'D', 'H', 'F', '5~', '6~'].map((rest) => `\u001B[${rest}`),
  '\u001B[200~漢字 e\u0301 \u202Ered\u001B[201~',
];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'virtdeck-walk-'));
  for (const name of ['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'])
    vi.stubEnv(name, folder);
  // A wizard that is walked through to its end downloads nothing.
  for (const name of ['http_proxy', 'https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

test.each(seeds)('keys and window sizes at random do no harm (seed %i)', async (seed) => {
  const random = new Random(seed);
  const told: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told.push(String(text));
    return true;
  });
  const walked: string[] = [];
  let program = new Program();
  for (let step = 0; step < steps; step += 1) {
    if (random.chance(0.15)) {
      const size = [1 + random.below(random.chance(0.5) ? 30 : 240), 1 + random.below(60)] as const;
      walked.push(size.join('x'));
      program.resize(...size);
    } else {
      const key = random.pick(keys);
      walked.push(JSON.stringify(key));
      await program.type(key);
    }
    // Now and then the host has time to answer.
    if (step % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 15));
    if (program.code === undefined) continue;
    expect(program.code, `seed ${seed}: ${walked.slice(-30).join(' ')}\n${told.join('')}`).toBe(0);
    await program.close();
    program = new Program();
    walked.push('| anew:');
  }
  await program.close();
  expect(program.code).toBe(0);
});
