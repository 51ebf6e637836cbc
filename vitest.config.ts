import { defineConfig } from 'vitest/config';

/** Slow machines are no finding; a test that hangs is. What it waits for says so sooner, and in words. */
const testTimeout = 60_000;
/** Several waits, one after the other. */
const scenarioTimeout = 180_000;
/** In it the moments count that a viewer would notice: nothing else runs beside. */
const continuity = 'test/e2e/viewer-continuity.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/e2e/**'],
          maxWorkers: 2,
          // No module keeps state of its own, so that files can share what they import: half of the time would go into importing it anew.
          isolate: false,
          testTimeout,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [continuity],
          // Real processes that wait for each other and for pictures: six groups at a time keep two cores two thirds busy. More would start
          // so many processes in one moment that they wait for the machine instead.
          maxWorkers: 3,
          maxConcurrency: 2,
          testTimeout: scenarioTimeout,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-continuity',
          include: [continuity],
          maxWorkers: 1,
          testTimeout: scenarioTimeout,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
