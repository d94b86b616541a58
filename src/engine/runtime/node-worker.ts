/**
 * @file The worker thread that owns the sessions: run() blocks it, and the thread that asked stays
 * free.
 */

import { parentPort, workerData } from "node:worker_threads";
import { type BackendChoice, loadBackend } from "./node.ts";
import { ortRuntime } from "./ort-runtime.ts";
import { serveRuntime } from "./remote-runtime.ts";

const port = parentPort!; // this file only ever runs as a worker
// `nodeRuntime` puts the choice there.
const runtime = loadBackend(workerData as BackendChoice).then(ortRuntime);
runtime.catch(() => undefined); // each request reports the failure
port.on(
  "message",
  serveRuntime(runtime, (message, moved) => port.postMessage(message, moved)),
);
