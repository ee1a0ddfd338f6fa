#!/usr/bin/env node
// For .ci/run: sums the JSON reports of vitest. `count-results.mjs FAILED REPORT…` prints `N passed, N failed`,
// FAILED being what failed besides, and exits with 1 when anything failed or no test ran.
import { readFileSync } from 'node:fs';

const [failedSteps, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = Number(failedSteps);

for (const path of reports) {
  const report = read(path);
  if (report === undefined) {
    failed += 1;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not be loaded has no test that could fail.
  failed += report.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
  }).length;
}

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

/**
 * @typedef {{status: string, assertionResults: {status: string}[]}} FileResult
 * @param {string} path
 * @returns {{numPassedTests: number, numFailedTests: number, testResults: FileResult[]} | undefined}
 */
function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    process.stderr.write(`no report of the tests: ${/** @type {Error} */ (error).message}\n`);
    return undefined;
  }
}
