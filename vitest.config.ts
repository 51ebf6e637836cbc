import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The end-to-end tests start real processes on two cores; more files at once only makes them wait on each other.
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
