/** @file The module worker that owns the sessions in a browser, on WebAssembly. */

import * as ort from "onnxruntime-web/wasm";
import { serveInWorker } from "./web-worker-serve.ts";

serveInWorker(ort, "wasm");
