/** @file What a run whose students see generated samples alone can refuse before any work. */

import type { Dataset } from "../../data/index.ts";
import { ConfigError } from "../../errors/index.ts";
import { describeModel } from "../job.ts";
import type { DistillOptions, TeacherSource } from "../options.ts";
import { trainedTeachers } from "../teacher-source.ts";
import { differentiable } from "./generate-samples.ts";
import { assertGeneratedSpec, type GeneratedSpec } from "./generated-spec.ts";
import { outputKernel } from "./output-kernel.ts";

/**
 * @param train what students learn from: the samples that are promised
 * @throws ConfigError as assertGeneratedSpec; "config/conflict" for a teacher of some of the
 *   classes, for soft labels in place of a teacher, and for impressions of a network that gives
 *   none; "config/missing" for a teacher that would be trained on what it shall make; DataError
 *   "teacher/no-gradient"
 */
export function assertGenerated(
  spec: GeneratedSpec,
  { teacher, teacherClasses }: Pick<DistillOptions, "teacher" | "teacherClasses">,
  train: Dataset,
): void {
  assertGeneratedSpec(spec, train);
  if (teacherClasses !== undefined)
    throw new ConfigError("config/conflict", {
      where: "transfer.generated",
      rule: "generated samples are of all the data's classes",
      got: `a teacher of ${teacherClasses.join(", ")} alone`,
      fix: "Leave teacher.classes out, or give data of these classes alone",
    });
  if (teacher.kind === "softLabels")
    throw new ConfigError("config/conflict", {
      where: "transfer.generated",
      rule: "samples are made from a teacher, which then labels them",
      got: "its soft labels alone",
      fix: "Give the teacher, or train from a package that has its samples: potstill train",
    });
  if (trainedTeachers(teacher).some((trained) => trained.data === undefined))
    throw new ConfigError("config/missing", {
      where: "transfer.generated",
      rule: "a teacher that is trained here needs data of its own",
      got: "none",
      fix: "Give the teacher data: the students' samples come of it",
    });
  if (spec.kind === "impressions") assertDifferentiable(teacher, train);
}

function assertDifferentiable(source: TeacherSource, train: Dataset): void {
  switch (source.kind) {
    case "train":
      outputKernel(describeModel({ network: source.teacher.network, train }));
      return;
    case "given":
      for (const model of differentiable(source.teacher)) outputKernel(model);
      return;
    case "ensemble":
      for (const member of source.members) assertDifferentiable(member, train);
      return;
    case "specialists":
      differentiable({ name: "a generalist with specialists" });
      return;
    case "softLabels":
      return; // refused above
  }
}
