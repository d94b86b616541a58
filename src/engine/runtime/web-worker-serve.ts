/// <reference lib="webworker" />
/** @file What the workers of a page do: wait for the page's first message, then serve a runtime. */

import { ortRuntime } from "./ort-runtime.ts";
import { serveRuntime } from "./remote-runtime.ts";
import { type OrtWeb, type WebProvider, webBackend } from "./web-backend.ts";

/** Name of the workers that a page starts. */
const workerName = "potstill";

/**
 * The first message is where onnxruntime-web's files are, or undefined. A bundled worker holds
 * onnxruntime-web, whose threads load it again under a name of their own: there they alone listen.
 */
export function serveInWorker(ort: OrtWeb, provider: WebProvider): void {
  if (self.name !== workerName) return;
  addEventListener(
    "message",
    ({ data: wasmPaths }: MessageEvent<string | undefined>) => {
      const runtime = Promise.resolve(ortRuntime(webBackend(ort, provider, wasmPaths)));
      addEventListener("message", ({ data: request }) => onRequest(request));
      const onRequest = serveRuntime(runtime, (message, moved) => postMessage(message, [...moved]));
    },
    { once: true },
  );
}
