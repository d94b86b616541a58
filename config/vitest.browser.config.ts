import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumOptions } from "./chromium.ts";

/** Built by the test itself and looked at from Node; everything else runs in the browser. */
const builtPage = ["test/browser/page/**/*.test.ts"];

/** Of Node's own WebGPU, which computes with the same kernels; too long for `npm test`. */
const webGpuInNode = ["test/browser/webgpu/**/*.test.ts"];

/** Cross-origin isolation, for threads. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    projects: [
      {
        extends: true,
        optimizeDeps: { exclude: ["onnxruntime-web"] },
        server: { headers },
        test: {
          name: "in the browser",
          include: ["test/browser/**/*.test.ts"],
          exclude: [...builtPage, ...webGpuInNode],
          globalSetup: ["test/browser/node-results.ts"],
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumOptions }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: "built page",
          include: builtPage,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: "WebGPU in Node", include: webGpuInNode, testTimeout: 600_000 },
      },
    ],
  },
});
