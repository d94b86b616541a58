/** @file The module worker that owns the sessions in a browser, on WebGPU. */

import * as ort from "onnxruntime-web/webgpu";
import { serveInWorker } from "./web-worker-serve.ts";

serveInWorker(ort, "webgpu");
