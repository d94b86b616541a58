/**
 * @file Which parameter follows which group, and what is refused. That the updates are PyTorch's:
 * test/optim/trajectories.test.ts.
 */

import { describe, expect, it } from "vitest";
import { hardLabelLoss } from "../../distill/losses/index.ts";
import { input } from "../graph/index.ts";
import { buildNetwork, isTrainable } from "../nn/index.ts";
import { buildOptimizer } from "../optim/index.ts";
import { type ParameterGroup, parameterRules } from "./parameter-groups.ts";
import { buildStep } from "./step-builder.ts";

const network = buildNetwork({ family: "mlp", hidden: [4] }, [3], 2);
const trainable = network.parameters.filter(isTrainable);

describe("parameterRules", () => {
  it("gives each parameter the first group that names it, others the usual update", () => {
    const rules = parameterRules(
      [
        { parameters: "hidden1/*", learningRateScale: 0.1 },
        { parameters: ["*/bias", "output/kernel"], weightDecay: 0 },
      ],
      trainable,
    );
    expect(Object.fromEntries(rules)).toEqual({
      "hidden1/kernel": { learningRateScale: 0.1, weightDecay: undefined },
      "hidden1/bias": { learningRateScale: 0.1, weightDecay: undefined },
      "output/kernel": { learningRateScale: 1, weightDecay: 0 },
      "output/bias": { learningRateScale: 1, weightDecay: 0 },
    });
    expect(parameterRules([], trainable).get("output/bias")).toEqual({
      learningRateScale: 1,
      weightDecay: undefined,
    });
  });

  it("takes every sign but the star as it is", () => {
    const refuse = () => parameterRules([{ parameters: "hidden1.kernel" }], trainable);
    expect(refuse).toThrow(/names none/);
  });

  it.each<[string, readonly ParameterGroup[], string, string]>([
    [
      "a pattern that names nothing",
      [{ parameters: ["output/*", "hidden2/*"] }],
      "config/parameter-groups",
      'parameter group ["output/*","hidden2/*"]: every pattern must name a parameter, got "hidden2/*", which names none of hidden1/kernel, hidden1/bias, output/kernel, output/bias. Correct it; a star stands for any characters.',
    ],
    [
      "a group of nothing",
      [{ parameters: [] }],
      "config/parameter-groups",
      'parameter group []: a group must say which parameters it has, got none. Give names or patterns: parameters: "hidden1/*".',
    ],
    [
      "a group that says only how",
      [{ weightDecay: 0 } as unknown as ParameterGroup], // as JavaScript may
      "config/parameter-groups",
      'parameter group undefined: a group must say which parameters it has, got none. Give names or patterns: parameters: "hidden1/*".',
    ],
    [
      "a network that is frozen altogether",
      [{ parameters: "*", learningRateScale: 0 }],
      "config/parameter-groups",
      "parameterGroups: at least one parameter must be trained, got a learningRateScale of 0 for all of them. Leave a layer out of the frozen groups.",
    ],
    [
      "a negative scale",
      [{ parameters: "*", learningRateScale: -1 }],
      "config/range",
      'parameter group "*": learningRateScale must be a finite number, at least 0, got -1. Correct learningRateScale.',
    ],
    [
      "a negative decay",
      [{ parameters: "*", weightDecay: -1 }],
      "config/range",
      'parameter group "*": weightDecay must be a finite number, at least 0, got -1. Correct weightDecay.',
    ],
  ])("refuses %s", (_, groups, code, message) => {
    expect(() => parameterRules(groups, trainable)).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});

it("a frozen parameter has no optimiser slots, and leaves the step as it came", () => {
  const labels = input("labels", "int32", [2]);
  const weight = input("weight", "float32", []);
  const step = buildStep({
    name: "frozen",
    network,
    objective: {
      perStep: [labels, weight],
      terms: (logits) => [{ name: "hard", loss: hardLabelLoss(logits, labels), weight }],
    },
    optimizer: buildOptimizer({ name: "adam" }),
    sample: { dtype: "float32", shape: [3] },
    preprocessing: { scale: 1, offset: 0 },
    batchSize: 2,
    parameterGroups: [{ parameters: "hidden1/*", learningRateScale: 0 }],
  });
  const names = step.state.map(({ before }) => before.name);
  expect(names.filter((name) => name.includes("hidden1"))).toEqual([
    "hidden1/kernel",
    "hidden1/bias",
  ]);
  const frozen = step.state.filter(({ before, after }) => before === after);
  expect(frozen.map(({ before }) => before.name)).toEqual(["hidden1/kernel", "hidden1/bias"]);
});
