/** @file Refuses results that contradict themselves before any number is made of them. */

import { ConfigError, DataError } from "../../errors/index.ts";
import { type ArmName, armNames, type ReportInput } from "./input.ts";

/**
 * @throws ConfigError "config/report" for no seeds, a seed twice, no distilled arm or an arm twice,
 *   runs that are not one a seed in order, unequal numbers of tuning trials, or a chosen trial that
 *   is not there; DataError "data/report" when test results do not fit the test split
 */
export function assertReportInput(input: ReportInput): void {
  const { seeds, arms, teacher, testLabels, data } = input;
  if (seeds.length === 0 || new Set(seeds).size !== seeds.length)
    refuse("seeds must be at least one, each once", `[${seeds.join(", ")}]`, "Train with a seed");
  for (const name of armNames) assertOnce(arms.filter(({ arm }) => arm === name).length, name);
  for (const { arm, perSeed, tuning } of arms) {
    const own = perSeed.map(({ seed }) => seed).join(", ");
    if (own !== seeds.join(", "))
      refuse(
        `arm "${arm}" must have one run for each seed, in order`,
        `[${own}]`,
        `Run it with [${seeds.join(", ")}]`,
      );
    if (tuning.trials.length !== arms[0]!.tuning.trials.length)
      refuse(
        "every arm must have the same number of tuning trials",
        `${tuning.trials.length} for "${arm}" and ${arms[0]!.tuning.trials.length} for "${arms[0]!.arm}"`,
        "Give each arm the same chance, or the comparison favours one",
      );
    if (tuning.trials[tuning.chosen] === undefined && tuning.trials.length > 0)
      refuse(
        `arm "${arm}" must name one of its trials as chosen`,
        String(tuning.chosen),
        "Give the index of the trial",
      );
  }
  if (teacher.testLogits.length !== 1 && teacher.testLogits.length !== seeds.length)
    refuse(
      "the teacher must have one set of test logits, or one for each seed",
      String(teacher.testLogits.length),
      `Give 1 or ${seeds.length}`,
    );
  const { classNames } = data;
  const expected = testLabels.length * classNames.length;
  const taught = testLabels.length * (teacher.classNames ?? classNames).length;
  const odd =
    teacher.testLogits.find(({ length }) => length !== taught) ??
    arms
      .flatMap((a) => a.perSeed.map((s) => s.testLogits))
      .find(({ length }) => length !== expected);
  if (testLabels.length !== data.testSize || odd !== undefined)
    throw new DataError("data/report", {
      where: "report",
      rule: `test labels and logits must be those of the ${data.testSize} test samples and ${classNames.length} classes`,
      got: `${testLabels.length} labels and ${odd?.length ?? expected} logits`,
      fix: "Evaluate every model on the whole test split",
    });
}

function assertOnce(times: number, name: ArmName): void {
  const needed = name === "distilled";
  if (times > 1 || (needed && times === 0))
    refuse(
      `arm "${name}" must be there ${needed ? "exactly" : "at most"} once`,
      `${times} times`,
      "A report tells of the distilled student, beside those that were trained without a teacher",
    );
}

function refuse(rule: string, got: string, fix: string): never {
  throw new ConfigError("config/report", { where: "report", rule, got, fix });
}
