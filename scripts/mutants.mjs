#!/usr/bin/env node
// @ts-nocheck: of vitest’s own inside
// Asks whether the tests would notice: makes small faults in files of source/, one at a time, runs the unit tests that
// come by each, and prints those on which none fails.
//   node scripts/mutants.mjs [--most N] [--tests TEXT,…] FILE…
// --most: faults of a file, spread over it (25); --tests: of the test files those whose path has one of these (what
// mirrors the file's room).
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { mutantsOf, withMutants } from './mutants-make.mjs';

/** Milliseconds without a word of the process that runs the tests: it hangs in a loop. */
const hangsAfter = 90_000;
/** Milliseconds of tests for one fault, by their first run; the quick ones first. */
const mostTesting = 10_000;

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { most: { type: 'string', default: '25' }, tests: { type: 'string' } },
});
const mutants = files.flatMap((file) => spread(mutantsOf(file))).map((mutant, id) => ({ ...mutant, id }));

if (process.send) await runTests();
else await supervise();

/** Starts the process that runs the tests, and starts it again after a fault on which it hangs. */
async function supervise() {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  const counts = { killed: 0, lived: 0, untested: 0 };
  for (let next = 0; next < mutants.length; ) {
    const env = { ...process.env, MUTANTS_FOLDER: folder, MUTANTS_FROM: `${next}` };
    const child = fork(process.argv[1], process.argv.slice(2), { env, detached: true });
    let timer;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        counts.killed += 1;
        next += 1;
        process.kill(-child.pid, 'SIGKILL');
      }, hangsAfter);
    };
    watch();
    child.on('message', ({ id, outcome }) => {
      watch();
      if (outcome === undefined) return;
      next = id + 1;
      counts[outcome] += 1;
      if (outcome !== 'killed') console.log(`${outcome}: ${told(mutants[id])}`);
    });
    await new Promise((done) => child.on('exit', done));
    clearTimeout(timer);
  }
  rmSync(folder, { recursive: true });
  console.log(`${mutants.length} faults: ${JSON.stringify(counts)}`);
}

async function runTests() {
  const active = join(process.env.MUTANTS_FOLDER, 'active');
  writeFileSync(active, '-1');
  const vitest = await createVitest(
    'test',
    {
      config: false,
      include: ['test/**/*.test.{ts,tsx}'],
      exclude: ['test/{integration,e2e,bench}/**'],
      // Or it ends after the first run.
      watch: true,
      reporters: [{}],
      maxWorkers: 1,
      setupFiles: [resolve(import.meta.dirname, 'mutants-setup.mjs')],
      testTimeout: 6_000,
    },
    { plugins: [{ name: 'mutants', enforce: 'pre', transform }] },
  );
  const rooms = flags.tests?.split(',') ?? files.map((file) => `test/${file.split('/')[1]}/`);
  const all = await vitest.globTestSpecifications();
  const covering = await coverage(
    vitest,
    all.filter(({ moduleId }) => rooms.some((room) => moduleId.includes(room))),
  );
  setBail(vitest, 1);
  for (const { id } of mutants.slice(Number(process.env.MUTANTS_FROM))) {
    const chosen = covering(id);
    writeFileSync(active, `${id}`);
    const failed =
      chosen.length > 0 && (await run(vitest, chosen)).some((module) => module.state() === 'failed');
    process.send({ id, outcome: failed ? 'killed' : chosen.length > 0 ? 'lived' : 'untested' });
  }
  process.exit();
}

/** Runs everything without a fault; `mutants-setup.mjs` notes in each test's `meta` which faults it comes by. */
async function coverage(vitest, specifications) {
  // A test that fails here, by the load of the machine, is left out, and stops no other.
  setBail(vitest, 0);
  const tests = [];
  for (const { moduleId } of specifications)
    for (const module of await run(vitest, [{ moduleId }]))
      for (const test of module.children.allTests('passed'))
        tests.push({
          moduleId,
          id: test.id,
          duration: test.diagnostic().duration,
          hits: new Set(test.meta().hits),
        });
  return (id) => {
    const byModule = new Map();
    for (const { moduleId, id: test, duration } of tests.filter(({ hits }) => hits.has(id))) {
      const chosen = byModule.get(moduleId) ?? { moduleId, testIds: [], time: 300 };
      byModule.set(moduleId, chosen);
      chosen.testIds.push(test);
      chosen.time += duration;
    }
    let total = 0;
    return [...byModule.values()]
      .sort((one, other) => one.time - other.time)
      .filter(({ time }, index) => {
        total += time;
        return index === 0 || total < mostTesting;
      });
  };
}

/** The test files of this run; vitest tells those of earlier runs as well. */
async function run(vitest, chosen) {
  process.send({});
  const [project] = vitest.projects;
  const { testModules } = await vitest.runTestSpecifications(
    chosen.map(({ moduleId, testIds }) => project.createSpecification(moduleId, { testIds })),
  );
  process.send({});
  return testModules.filter(({ moduleId }) => chosen.some((one) => one.moduleId === moduleId));
}

function setBail(vitest, bail) {
  for (const { config } of [vitest, ...vitest.projects]) config.bail = bail;
}

function transform(code, id) {
  const own = mutants.filter(({ file }) => resolve(file) === id);
  return own.length === 0 ? null : { code: withMutants(code, own), map: null };
}

/** Always the same ones. */
function spread(found) {
  const most = Math.min(Number(flags.most), found.length);
  return Array.from({ length: most }, (_, index) => found[Math.floor((index * found.length) / most)]);
}

function told({ file, line, was, text, isStatement }) {
  const after = !isStatement ? text : was === '' ? 'return' : 'nothing';
  return `${file}:${line}  ${short(was)}  →  ${short(after)}`;
}

function short(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 60)} … ${line.slice(-36)}` : line;
}
