import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** The real browser: Debian's Chromium, with threads (cross-origin isolation) and WebGPU on a software adapter. */
const flags = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  optimizeDeps: { exclude: ["onnxruntime-web"] },
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/browser/node-results.ts"],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { executablePath: "/usr/bin/chromium", args: flags },
      }),
      instances: [{ browser: "chromium" }],
    },
  },
});
