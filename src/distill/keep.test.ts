/** @file Which epoch's weights a training keeps. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Runtime } from "../engine/runtime/index.ts";
import { nodeRuntime } from "../engine/runtime/node.ts";
import { type JobResult, runJob } from "./job.ts";
import { accuracy } from "./metrics/index.ts";
import { modelLogits } from "./model-logits.ts";
import { data } from "./small-problem.cases.ts";
import type { TrainingSpec } from "./training-spec.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ worker: false });
});
afterAll(() => runtime.close());

async function trained(keep: Pick<TrainingSpec, "keep" | "patience">): Promise<JobResult> {
  const { train, validation } = data;
  const training: TrainingSpec = { epochs: 20, learningRate: 0.1, ...keep };
  const network = { family: "mlp", hidden: [8] } as const;
  const run = runJob({ id: "one", network, train, validation, training, seed: 3 }, { runtime });
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
  }
}

describe("keep", () => {
  it("takes the best epoch, or the last one though an earlier one was better", async () => {
    const [best, last] = [await trained({}), await trained({ keep: "last" })];
    const accuracies = best.history.map(({ validationAccuracy }) => validationAccuracy);
    expect(last.history.map((record) => record.validationAccuracy)).toEqual(accuracies);
    expect(best.validationAccuracy).toBe(Math.max(...accuracies));
    expect(best.bestEpoch).toBeLessThan(20); // else the two would be one
    expect(last.bestEpoch).toBe(20);
    expect(last.validationAccuracy).toBe(accuracies.at(-1));
    const logits = await modelLogits(runtime, last.model, data.validation);
    expect(accuracy(logits, data.validation.labels)).toBe(accuracies.at(-1));
  });

  it("refuses to wait for something better as well", async () => {
    await expect(trained({ keep: "last", patience: 2 })).rejects.toMatchObject({
      code: "config/conflict",
      message:
        "training of one: patience waits for a better epoch, of which keep: last knows none, " +
        "got patience 2 with keep: last. Leave one of them out.",
    });
  });
});
