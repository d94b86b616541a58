import { defineConfig } from "vitest/config";

/** They put another module in the place of one, or want none that others have changed. */
const alone = [
  "src/app/cli/folder-lock-without-links.test.ts",
  "src/data/sources/folder-store-faults-node.test.ts",
  "src/hash/*.test.ts",
  "src/engine/runtime/missing-backend.test.ts",
  "src/engine/runtime/sha256-node.test.ts",
];

const elsewhere = ["test/browser/**", "test/package/**"]; // npm run test:browser, npm run test:package

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          isolate: false, // a worker loads the library once, not once a file
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [...elsewhere, ...alone],
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
    ],
  },
});
