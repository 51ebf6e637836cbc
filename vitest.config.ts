import { defineConfig } from 'vitest/config';

/** Slow machines are no finding; a test that hangs is. */
const testTimeout = 60_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          maxWorkers: 2,
          testTimeout,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // They measure seconds of real processes: one file at a time, and nothing else beside it.
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
