/// <reference lib="webworker" />
/**
 * @file The module worker that owns the sessions in a browser. Its first message says how to make
 * them.
 */

import { ortRuntime } from "./ort-runtime.ts";
import { serveRuntime } from "./remote-runtime.ts";
import { type WebRuntimeOptions, webBackend } from "./web.ts";

addEventListener(
  "message",
  ({ data }: MessageEvent<WebRuntimeOptions>) => {
    const runtime = Promise.resolve(ortRuntime(webBackend(data)));
    addEventListener("message", ({ data: request }) => onRequest(request));
    const onRequest = serveRuntime(runtime, (message, moved) => postMessage(message, [...moved]));
  },
  { once: true },
);
