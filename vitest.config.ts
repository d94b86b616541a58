import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/package/**"], // npm run test:browser, npm run test:package
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
