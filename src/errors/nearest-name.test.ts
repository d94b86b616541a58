import { expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

it.each([
  ["attenton", ["logits", "attention"], "attention"],
  ["adamw", ["sgd", "adam", "adamW"], "adamW"],
  ["SoftTargets", ["softTargets", "logits"], "softTargets"],
  ["mpl", ["mlp", "cnn"], "mlp"],
  ["quantise", ["logits", "attention"], undefined],
  ["anything", [], undefined],
])("%s among %j is %s", (name, names, expected) => {
  expect(nearestName(name, names)).toBe(expected);
});
