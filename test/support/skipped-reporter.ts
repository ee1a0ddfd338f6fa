import type { Reporter, TestModule } from 'vitest/node';

/** Names what was not tested, at the end of a run: a machine that lacks something must not look fully tested. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const lines = skipped.map((test) => `  ${test.module.relativeModuleId}: ${test.fullName}`);
    process.stdout.write(`Skipped, not tested on this machine:\n${lines.join('\n')}\n`);
  }
}
