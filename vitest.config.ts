import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Three kinds of tests: `unit` needs nothing but Node, `integration` a real libvirtd, `e2e` the built program
 * in a real pseudo-terminal besides. The latter two start daemons and guests: one file at a time, since a test
 * machine may have two cores, and longer timeouts.
 */
export default defineConfig({
  test: {
    // Left alone vitest keeps one processor for itself, and would use one of the two that a test machine has.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ['default', './test/support/skipped-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/integration/**', 'test/e2e/**', 'test/bench/**'],
          testTimeout: 15_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.{ts,tsx}'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.{ts,tsx}'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
