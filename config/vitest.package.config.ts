import { defineConfig } from "vitest/config";

/** Tests of the packed tarball: they install it with npm, so they are no part of `npm test`. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    pool: "forks",
    include: ["test/package/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
