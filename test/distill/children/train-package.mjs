/** @file Trains a student from the soft-label package in the working directory, which holds nothing else. argv: the spec as JSON. */

import { readdirSync, writeFileSync } from "node:fs";
import {
  folderStore,
  nodeRuntime,
  openSoftLabels,
  packageJob,
  runJob,
  subset,
  writeModel,
} from "../../../dist/index-node.js";

const spec = JSON.parse(process.argv[2]);
const found = readdirSync(".").join();
const softLabels = await openSoftLabels(await folderStore("."));
const train = softLabels.asDataset();
const validation = subset(train, spec.validation, "validation");
const job = packageJob({ ...spec, id: "student", softLabels, train, validation });
const run = runJob(job, { runtime: await nodeRuntime() });
for (;;) {
  const { done, value } = await run.next();
  if (done !== true) continue;
  writeFileSync("student.safetensors", writeModel(value.model));
  break;
}
process.stdout.write(found);
process.exit(0);
